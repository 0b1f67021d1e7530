/** Figures put together: of several queues in one interval, of a whole period. */
import type { AgentInterval, Figures, QueueInterval, WorkFigures } from '@/api/floor'

function mean(parts: [number | null, number][]): number | null {
  const counted = parts.filter((part): part is [number, number] => part[0] !== null && part[1] > 0)
  const whole = counted.reduce((sum, [, count]) => sum + count, 0)
  return whole === 0 ? null : counted.reduce((sum, [value, count]) => sum + value * count, 0) / whole
}

/** The sum of figures; means are weighed by what they are means of. */
export function together(all: Figures[]): Figures {
  const sum = (name: 'offered' | 'answered' | 'within_target' | 'abandoned' | 'short_abandoned' | 'flowed_out' | 'waiting' | 'handled' | 'callbacks' | 'callbacks_answered'): number =>
    all.reduce((total, one) => total + one[name], 0)
  const offered = sum('offered')
  const early = sum('short_abandoned')
  const within = sum('within_target')
  const callbacks = sum('callbacks')
  const came = offered - callbacks - early
  return {
    offered,
    answered: sum('answered'),
    within_target: within,
    abandoned: sum('abandoned'),
    short_abandoned: early,
    flowed_out: sum('flowed_out'),
    waiting: sum('waiting'),
    handled: sum('handled'),
    callbacks,
    callbacks_answered: sum('callbacks_answered'),
    service_level: came > 0 ? (100 * within) / came : null,
    asa_seconds: mean(all.map((one) => [one.asa_seconds, one.answered - one.callbacks_answered])),
    aht_seconds: mean(all.map((one) => [one.aht_seconds, one.handled])),
    abandon_seconds: mean(all.map((one) => [one.abandon_seconds, one.abandoned])),
    callback_seconds: mean(all.map((one) => [one.callback_seconds, one.callbacks_answered])),
  }
}

export function workTogether(all: WorkFigures[]): WorkFigures {
  const sum = (name: Exclude<keyof WorkFigures, 'aht_seconds' | 'occupancy'>): number => all.reduce((total, one) => total + one[name], 0)
  const busy = sum('busy_seconds')
  const idle = sum('idle_seconds')
  return {
    answered: sum('answered'),
    handled: sum('handled'),
    aht_seconds: mean(all.map((one) => [one.aht_seconds, one.handled])),
    occupancy: busy + idle > 0 ? (100 * busy) / (busy + idle) : null,
    handle_seconds: sum('handle_seconds'),
    busy_seconds: busy,
    idle_seconds: idle,
    available_seconds: sum('available_seconds'),
    away_seconds: sum('away_seconds'),
  }
}

/** The rows of each interval of a period, also of those in which nothing happened. */
export function byInterval<T extends QueueInterval | AgentInterval>(rows: T[], from: Date, to: Date, minutes: number): [number, T[]][] {
  const found = new Map<number, T[]>()
  for (let start = from.getTime(); start < to.getTime(); start += minutes * 60_000) found.set(start, [])
  for (const row of rows) found.get(Date.parse(row.start))?.push(row)
  return [...found]
}

/** A round number at or above the largest, for the top of an axis, and its lines. */
export function axis(largest: number): number[] {
  const rough = Math.max(largest, 1) / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = Math.max(1, [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? 1)
  const lines = []
  for (let line = 0; line < Math.max(largest, 1) + step; line += step) lines.push(line)
  return lines
}
