/** Of several tabs one is the telephone; the others wait until it is closed. */
const LOCK = 'console.telephone'
let letGo: (() => void) | null = null

/** Resolves when it is ours; `elsewhere` is told when another tab has it. A browser without locks lets every tab ring. */
export async function becomeTelephone(elsewhere: () => void): Promise<void> {
  if (letGo || !navigator.locks) return
  await new Promise<void>((ours) => {
    const keep = (): Promise<void> => new Promise((done) => ((letGo = done), ours()))
    void navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => {
      if (lock) return keep()
      elsewhere()
      void navigator.locks.request(LOCK, keep)
      return undefined
    })
  })
}

export function letAnotherTab(): void {
  letGo?.()
  letGo = null
}
