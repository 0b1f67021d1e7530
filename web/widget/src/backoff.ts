/** How long to wait before the next try: doubling, capped, with jitter so that crowds disperse. */

const FIRST_MS = 500
const LONGEST_MS = 30_000

export function waitBefore(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16))
  return Math.round(ceiling / 2 + (random() * ceiling) / 2)
}
