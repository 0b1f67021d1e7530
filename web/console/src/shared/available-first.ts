/** People in the order in which work is given to them: who is free to take it first, who is gone last. */

const LAST = 2
const RANK: Record<string, number> = { available: 0, offline: LAST }

export function availableFirst<T extends { name: string }>(people: readonly T[], stateOf: (one: T) => string | undefined): T[] {
  const rank = (one: T): number => RANK[stateOf(one) ?? 'offline'] ?? LAST - 1
  return [...people].sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name))
}
