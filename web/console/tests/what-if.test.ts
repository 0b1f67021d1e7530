import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AgentGroup, Scenario } from '../src/api/what-if'
import { busier, copyOf, freeName, onShift, readShifts, sameDay } from '../src/features/what-if/change'
import { useWhatIf } from '../src/features/what-if/what-if.store'

const group = (name: string, count: number, shifts: string[] | null = null, queues = ['Q']): AgentGroup => ({
  name, count, shifts, queues, skills: {}, capacity: { chat: 1 },
  decline_percent: 0, miss_percent: 0, back_after_seconds: 60,
})

const day = (...agents: AgentGroup[]): Scenario => ({
  starts: '09:00', ends: '11:00', interval_minutes: 60, seed: 1, days: 1, shrinkage: 0.3,
  queues: [{ name: 'Q', target_seconds: 60, service_level_percent: 80 }],
  arrivals: [{ queue: 'Q', channel: 'chat', per_interval: [10, 5], per_hour: null, handle_seconds: 60, patience_seconds: null, redial_percent: 0, redial_after_seconds: 120, redials_most: 3, callback_percent: 0, callback_after_seconds: 60 }],
  agents,
})

describe('who is on shift', () => {
  it('is counted by the share of each interval, and by queue', () => {
    const scenario = day(group('All', 2), group('Half', 4, ['09:30-10:30']), group('Others', 9, null, ['R']))

    expect(onShift(scenario, 'Q')).toEqual([4, 4])
    expect(onShift(scenario, null)).toEqual([13, 13])
  })

  it('is read as people write it', () => {
    expect(readShifts('09:00–12:00; 12:30 - 17:00')).toEqual(['09:00-12:00', '12:30-17:00'])
    expect(readShifts('  ')).toBeUndefined()
    expect(readShifts('9-17')).toBeNull()
  })
})

describe('a changed day', () => {
  it('has its contacts grow without touching the day it came from', () => {
    const before = day()
    const after = busier(before, 120)

    expect(after.arrivals[0]?.per_interval).toEqual([12, 6])
    expect(before.arrivals[0]?.per_interval).toEqual([10, 5])
    expect(sameDay(before, copyOf(before))).toBe(true)
    expect(sameDay(before, after)).toBe(false)
  })

  it('gives a new group a name that nobody has', () => {
    expect(freeName(day(group('New', 1), group('New 2', 1)), 'New')).toBe('New 3')
  })
})

/** An answer whose lines arrive cut anywhere. */
function answer(lines: unknown[], status = 200): Response {
  const bytes = new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const stream = new ReadableStream<Uint8Array>({
    start(control) {
      for (let at = 0; at < bytes.length; at += 7) control.enqueue(bytes.slice(at, at + 7))
      control.close()
    },
  })
  return new Response(stream, { status })
}

describe('trying out a day', () => {
  const asked: { scenarios: Scenario[] }[] = []
  let lines: unknown[] = []

  beforeEach(() => {
    setActivePinia(createPinia())
    asked.length = 0
    vi.stubGlobal('fetch', async (url: string, options: RequestInit) => {
      if (!url.endsWith('/what-if/rehearsals')) return new Response(JSON.stringify(day(group('All', 2))))
      asked.push(JSON.parse(options.body as string))
      return answer(lines)
    })
  })
  afterEach(() => vi.unstubAllGlobals())

  it('sends the day twice, as it is and with two more, and keeps what came back', async () => {
    const store = useWhatIf()
    lines = [{ done: 0, days: 2, reports: [], error: '' }, { done: 2, days: 2, reports: [{ days: 1 }, { days: 1 }], error: '' }]
    await store.load()
    store.addTwo('New')
    await store.run()

    expect(asked[0]?.scenarios.map((one) => one.agents[0]?.count)).toEqual([2, 4])
    expect(store.done).toBe(2)
    expect(store.reports).toHaveLength(2)
    expect(store.running).toBeNull()
  })

  it('sends one day when nothing was changed', async () => {
    const store = useWhatIf()
    lines = [{ done: 1, days: 1, reports: [{ days: 1 }], error: '' }]
    await store.load()
    await store.run()

    expect(asked[0]?.scenarios).toHaveLength(1)
  })

  it('says what went wrong half-way and can be run again', async () => {
    const store = useWhatIf()
    lines = [{ done: 0, days: 1, reports: [], error: 'invalid', message: 'too much' }]
    await store.load()
    await store.run()

    expect(store.failed).toMatchObject({ code: 'invalid', message: 'too much' })
    expect(store.running).toBeNull()
  })
})
