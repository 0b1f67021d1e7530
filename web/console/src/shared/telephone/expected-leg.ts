/**
 * That I asked for a call myself a moment ago: the leg that rings in the browser then is answered without another press.
 * Any other (a colleague who asks, a call given to me) rings. Kept where the tab that is the telephone sees it, too.
 */
const KEY = 'console.expectedLeg'
const LASTS_MS = 30_000

export function expectLeg(now = Date.now()): void {
  localStorage.setItem(KEY, String(now + LASTS_MS))
}

/** Says whether a leg was expected, once: the next one needs a wish of its own. */
export function takeExpected(now = Date.now()): boolean {
  const until = Number(localStorage.getItem(KEY) ?? 0)
  localStorage.removeItem(KEY)
  return until > now
}

/** What was asked for was refused. */
export function expectNothing(): void {
  localStorage.removeItem(KEY)
}

/** Asks the server for something that calls me; of a contact that is no call nothing is expected. */
export async function expecting<Answer>(ask: () => Promise<Answer>, channel = 'voice'): Promise<Answer> {
  if (channel !== 'voice') return ask()
  expectLeg()
  try {
    return await ask()
  } catch (error) {
    expectNothing()
    throw error
  }
}
