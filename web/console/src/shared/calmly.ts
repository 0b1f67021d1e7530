/** Runs `work` at once when it was quiet, and at most once per `gap` milliseconds while calls keep coming. */
export function calmly(work: () => void, gap: number): () => void {
  let last = -Infinity
  let timer: ReturnType<typeof setTimeout> | undefined

  function go(): void {
    timer = undefined
    last = performance.now()
    work()
  }

  return () => {
    if (timer !== undefined) return
    const wait = last + gap - performance.now()
    timer = setTimeout(go, Math.max(30, wait))
  }
}
