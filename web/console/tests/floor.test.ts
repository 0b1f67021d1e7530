import { describe, expect, it } from 'vitest'
import type { Figures, QueueInterval, WorkFigures } from '../src/api/floor'
import { dayText, midnight, ownPeriod, periodOf, sensibleIntervals } from '../src/features/floor/period'
import { axis, byInterval, together, workTogether } from '../src/features/floor/sums'

const NONE: Figures = {
  offered: 0, answered: 0, within_target: 0, abandoned: 0, short_abandoned: 0, flowed_out: 0, waiting: 0, handled: 0, callbacks: 0, callbacks_answered: 0,
  service_level: null, asa_seconds: null, aht_seconds: null, abandon_seconds: null, callback_seconds: null,
}
const NOON = new Date(2030, 0, 7, 12, 30).getTime()

describe('figures put together', () => {
  it('weigh a mean by what it is a mean of', () => {
    const busy = { ...NONE, offered: 9, answered: 9, within_target: 9, handled: 3, asa_seconds: 10, aht_seconds: 100 }
    const calm = { ...NONE, offered: 2, answered: 1, abandoned: 1, short_abandoned: 1, handled: 1, asa_seconds: 30, aht_seconds: 60 }

    const sum = together([busy, calm])

    expect([sum.offered, sum.answered, sum.abandoned]).toEqual([11, 10, 1])
    expect([sum.asa_seconds, sum.aht_seconds, sum.service_level]).toEqual([12, 90, 90])
  })

  it('leave callbacks out of the service level and of the waits on the line', () => {
    const day = { ...NONE, offered: 4, answered: 3, within_target: 1, flowed_out: 1, callbacks: 2, callbacks_answered: 2, asa_seconds: 10, callback_seconds: 60 }

    const sum = together([day, { ...NONE, offered: 1, answered: 1, within_target: 1, asa_seconds: 20 }])

    expect([sum.service_level, sum.asa_seconds, sum.callback_seconds]).toEqual([(100 * 2) / 3, 15, 60])
  })

  it('are no figures where there is nothing', () => {
    const sum = together([NONE])

    expect([sum.service_level, sum.asa_seconds, sum.aht_seconds]).toEqual([null, null, null])
  })

  it('take occupancy from the sums of time, not from the mean of percents', () => {
    const work: WorkFigures = { answered: 0, handled: 0, aht_seconds: null, occupancy: 100, handle_seconds: 60, busy_seconds: 60, idle_seconds: 0, available_seconds: 60, away_seconds: 0 }

    expect(workTogether([work, { ...work, busy_seconds: 0, idle_seconds: 180, occupancy: 0 }]).occupancy).toBe(25)
  })

  it('leave no interval out', () => {
    const from = new Date('2030-01-07T00:00:00Z')
    const row = { start: '2030-01-07T00:30:00Z', figures: NONE } as QueueInterval

    const steps = byInterval([row], from, new Date('2030-01-07T01:00:00Z'), 15)

    expect(steps.map(([, rows]) => rows.length)).toEqual([0, 0, 1, 0])
  })

  it('stand below a round top', () => {
    expect(axis(0)).toEqual([0, 1])
    expect(axis(7).at(-1)).toBeGreaterThanOrEqual(7)
    expect(axis(93)).toEqual([0, 50, 100])
  })
})

describe('a period', () => {
  it('goes from midnight to midnight of the reader', () => {
    const today = periodOf('today', NOON)

    expect([today.from, today.to]).toEqual([new Date(2030, 0, 7), new Date(2030, 0, 8)])
    expect(periodOf('yesterday', NOON)).toEqual({ from: new Date(2030, 0, 6), to: new Date(2030, 0, 7) })
    expect(periodOf('week', NOON).from).toEqual(new Date(2030, 0, 1))
    expect(dayText(midnight(NOON))).toBe('2030-01-07')
  })

  it('of one’s own holds its last day and does not run backwards', () => {
    expect(ownPeriod('2030-01-07', '2030-01-07')?.to).toEqual(new Date(2030, 0, 8))
    expect(ownPeriod('2030-01-08', '2030-01-07')).toBeNull()
    expect(ownPeriod('', '2030-01-07')).toBeNull()
  })

  it('is cut into as many intervals as one can read', () => {
    expect(sensibleIntervals(periodOf('today', NOON))).toEqual([15, 30, 60, 1_440])
    expect(sensibleIntervals(periodOf('month', NOON))).toEqual([1_440])
  })
})
