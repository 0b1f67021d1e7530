/** Moments to sleep until, as people say them: later today, tomorrow morning, next week. */

export interface Moment {
  /** Message key under `snooze.moments`. */
  key: string
  at: Date
}

const MORNING = 9
const EVENING = 18

function day(now: Date, days: number, hour: number): Date {
  const at = new Date(now)
  at.setDate(at.getDate() + days)
  at.setHours(hour, 0, 0, 0)
  return at
}

/** Days until the next Monday, never today. */
function toMonday(now: Date): number {
  return ((8 - now.getDay()) % 7) || 7
}

/** The choices that make sense now, in the reader's own time zone, soonest first. */
export function moments(now: Date): Moment[] {
  const soon = new Date(now.getTime() + 3_600_000)
  const evening = day(now, 0, EVENING)
  return [
    { key: 'hour', at: soon },
    ...(evening.getTime() - now.getTime() > 2 * 3_600_000 ? [{ key: 'evening', at: evening }] : []),
    { key: 'tomorrow', at: day(now, 1, MORNING) },
    { key: 'monday', at: day(now, toMonday(now), MORNING) },
    { key: 'week', at: day(now, 7, MORNING) },
    { key: 'month', at: day(now, 30, MORNING) },
  ]
}
