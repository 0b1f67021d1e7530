/** Runs `work` a `first` moment after it was quiet (0: at once), and at most once per `gap` milliseconds while calls keep coming: the last call is never lost. */
export function calmly(work: () => void, gap: number, first = 30): () => void {
  let last = -Infinity
  let timer: ReturnType<typeof setTimeout> | undefined

  function go(): void {
    timer = undefined
    last = performance.now()
    work()
  }

  return () => {
    if (timer !== undefined) return
    const wait = Math.max(first, last + gap - performance.now())
    if (wait === 0) go()
    else timer = setTimeout(go, wait)
  }
}
