import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CalendarView, DoubtView, QueueRules, RulesPreview } from '../src/api/routing'
import type { QueueView } from '../src/api/schema'
import { calendarBody, calendarForm, weekdayName, weekInWords } from '../src/features/admin/routing/calendar-form'
import { useMatrix } from '../src/features/admin/routing/matrix.store'
import { doubtWords, effectWords, isDoubtful } from '../src/features/admin/routing/preview-words'
import { NO_RULES, profileForm, profileRules } from '../src/features/admin/routing/profile-form'
import { rulesBody, rulesForm } from '../src/features/admin/routing/rules-form'
import { i18n } from '../src/shared/i18n'

const t = i18n.global.t as (key: string, values: Record<string, unknown>, plural: number) => string

const office: CalendarView = {
  id: 'c', name: 'Office', timezone: 'Europe/Kyiv', version: 1, open_now: true, changes_at: null,
  week: [0, 1, 2].map((weekday) => ({ weekday, spans: [{ opens: 540, closes: 1_080 }] })).concat([{ weekday: 5, spans: [{ opens: 1_200, closes: 1_440 }] }]),
  holidays: [{ on: '2027-01-01', name: 'New Year', spans: [] }],
}

describe('opening hours', () => {
  it('come out of the form as they went in, midnight at the end included', () => {
    const body = calendarBody(calendarForm(office))

    expect(body).toEqual({ name: office.name, timezone: office.timezone, week: office.week, holidays: office.holidays })
  })

  it('are told with the days of the same hours in one piece', () => {
    expect(weekInWords(office)).toEqual([[0, 2, '09:00–18:00'], [5, 5, '20:00–24:00']])
    expect([weekdayName(0, 'en'), weekdayName(6, 'uk', 'long')]).toEqual(['Monday', 'неділя'])
  })

  it('begin with a working week where the reader is', () => {
    expect(calendarForm(null).week.map((spans) => spans.length)).toEqual([1, 1, 1, 1, 1, 0, 0])
  })
})

describe('a routing profile', () => {
  const queues = [{ id: 'q1' }, { id: 'q2' }] as QueueView[]

  it('says nothing of what is as usual', () => {
    expect(profileRules(profileForm(null, queues))).toEqual(NO_RULES)
  })

  it('keeps every rule, also for a channel that the form does not know', () => {
    const rules = {
      capacity: { mail: 0, voice: 1 }, budget: 6, units: { webchat: 3 }, exclusive: ['voice'], interrupts: { voice: ['mail'] },
      queues: [{ queue_id: 'q2', rank: 1, delay_seconds: 30 }],
    }
    expect(profileRules(profileForm({ id: 'p', name: 'Phone', version: 1, rules }, queues))).toEqual(rules)
  })
})

const rules: QueueRules = {
  strategy: 'best_proficiency', band: 1, weight: 2, urgency: 'growing', skills: [{ skill_id: 's', level: 4 }],
  rings: [{ after_seconds: 60, skills: [{ skill_id: 's', level: 0 }], queue_ids: ['q2'] }], hold_seconds: 5, offers_at_once: 2, offers_most: 3,
  overflow: { queue_id: 'q2', after_seconds: 90, longer_than: null, nobody_there: true }, when_closed: 'wait', wrap_up: true, wrap_up_seconds: 30,
  needs_disposition: true,
}

describe('the rules of a queue', () => {
  it('come out of the form as they went in', () => {
    expect(rulesBody(rulesForm({ rules, calendar_id: 'c' }), 7)).toEqual({ version: 7, rules, calendar_id: 'c' })
  })

  it('leave out of a step what is no lower than before, and of wrap-up what is switched off', () => {
    const form = rulesForm({ rules, calendar_id: null })
    form.rings[0]?.skills.push({ skill_id: 'unasked', level: 1 })
    Object.assign(form, { wrapUp: false, overflowTo: '' })

    const made = rulesBody(form, 1).rules

    expect(made.rings[0]?.skills).toEqual([{ skill_id: 's', level: 0 }])
    expect([made.wrap_up_seconds, made.needs_disposition, made.overflow]).toEqual([null, false, null])
  })
})

describe('a preview', () => {
  const quiet: RulesPreview = { waiting: 0, offered: 0, moved_on: 0, turned_away: 0, fewer: 0, more: 0, unserved: [], concerned: [], doubts: [], agents: 0 }
  const doubt: DoubtView = { code: 'skill_nobody_has', skill_id: 's', level: 3, seconds: 0 }

  it('says only what would happen, in sentences', () => {
    expect(effectWords(quiet, t)).toEqual(['Nobody waits in this queue now.'])
    expect(effectWords({ ...quiet, waiting: 12, fewer: 2, agents: 1 }, t)).toEqual([
      '12 contacts wait in this queue.', '2 would have fewer agents who could take them than now.', '1 agent could take one of them if they were free.',
    ])
  })

  it('names what is doubtful, and asks once more when anything is', () => {
    expect(doubtWords(doubt, new Map([['s', 'Ukrainian']]), 'en', t)).toBe('No member has “Ukrainian” at level 3.')
    expect([isDoubtful(quiet), isDoubtful({ ...quiet, doubts: [doubt] }), isDoubtful({ ...quiet, unserved: ['c'] })]).toEqual([false, true, true])
  })
})

describe('the matrix of skills', () => {
  const answer = (status: number, body: unknown): Response => new Response(JSON.stringify(body), { status })

  beforeEach(() => setActivePinia(createPinia()))
  afterEach(() => vi.unstubAllGlobals())

  it('counts who was changed, and forgets a change that was taken back', async () => {
    vi.stubGlobal('fetch', async () => answer(200, [{ agent_id: 'a', skills: [{ skill_id: 's', level: 2 }], profile_id: null }]))
    const matrix = useMatrix()
    await matrix.load()

    matrix.setLevel('a', 's', '99')
    matrix.setLevel('b', 's', '1')
    expect([matrix.row('a').levels['s'], matrix.changed]).toEqual([10, 2])
    matrix.setLevel('a', 's', '2')
    matrix.setLevel('b', 's', 'nothing')

    expect(matrix.changed).toBe(0)
  })

  it('keeps what the server refuses, with the reason, and saves the rest', async () => {
    vi.stubGlobal('fetch', async (url: string, asked?: RequestInit) => {
      if (asked?.method !== 'PUT') return answer(200, [])
      if (url.includes('/b/')) return answer(422, { error: 'invalid', message: 'no such skill', field: 'skills' })
      return answer(200, { agent_id: 'a', ...(JSON.parse(String(asked.body)) as object) })
    })
    const matrix = useMatrix()
    await matrix.load()
    matrix.setLevel('a', 's', '3')
    matrix.setLevel('b', 's', '4')

    expect(await matrix.save()).toBe(1)

    expect([matrix.edits.has('a'), matrix.row('a').levels['s'], matrix.row('b').levels['s'], matrix.refusals.get('b')]).toEqual([false, 3, 4, 'no such skill'])
  })
})
