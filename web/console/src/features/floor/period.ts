/** Periods of reports, in the reader's own days. */

export const PERIODS = ['today', 'yesterday', 'week', 'month', 'own'] as const
export type PeriodName = (typeof PERIODS)[number]

export interface Period {
  from: Date
  to: Date
}

/** The midnight that began this day, `days` days ago. */
export function midnight(now: number, days = 0): Date {
  const day = new Date(now)
  day.setHours(0, 0, 0, 0)
  day.setDate(day.getDate() - days)
  return day
}

/** From a midnight to a midnight; today ends at the next one. */
export function periodOf(name: Exclude<PeriodName, 'own'>, now: number): Period {
  const to = midnight(now, name === 'yesterday' ? 0 : -1)
  const days = { today: 0, yesterday: 1, week: 6, month: 29 }[name]
  return { from: midnight(now, days), to }
}

/** From the beginning of one day to the end of another, as dates are typed; null while they make no period. */
export function ownPeriod(first: string, last: string): Period | null {
  const from = new Date(`${first}T00:00:00`)
  const to = new Date(`${last}T00:00:00`)
  if (Number.isNaN(from.getTime()) || Number.isNaN(to.getTime()) || to < from) return null
  to.setDate(to.getDate() + 1)
  return { from, to }
}

/** The intervals, in minutes, that make a chart one can read. */
export function sensibleIntervals(period: Period): number[] {
  const hours = (period.to.getTime() - period.from.getTime()) / 3_600_000
  return [15, 30, 60, 1_440].filter((minutes) => (hours * 60) / minutes <= 200 && hours * 60 >= minutes)
}

/** `YYYY-MM-DD` of the reader's own day, as an input of type date wants it. */
export function dayText(date: Date): string {
  const two = (part: number): string => String(part).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
