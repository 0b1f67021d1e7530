/** Runs `work` a `first` moment after it was quiet, and at most once per `gap` milliseconds while calls keep coming. */
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
    const wait = last + gap - performance.now()
    timer = setTimeout(go, Math.max(first, wait))
  }
}

/** Runs `work` at once when it was quiet, and never twice within `gap` milliseconds: the last call is never lost. */
export function atOnce(work: () => void, gap: number): () => void {
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
    if (wait <= 0) go()
    else timer = setTimeout(go, wait)
  }
}
