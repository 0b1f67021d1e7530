/** The rules of a queue as a form holds them: choices as texts, empty numbers as usual. */
import type { Id } from '@/api/schema'
import type { AskedSkill, QueueRules, RulesBody, RulesView, Strategy, WhenClosed } from '@/api/routing'
import type { Amount } from './profile-form'

export interface RingForm {
  after: Amount
  skills: AskedSkill[]
  queues: Id[]
}

export interface RulesForm {
  strategy: Strategy
  band: number
  weight: number
  urgency: QueueRules['urgency']
  skills: AskedSkill[]
  rings: RingForm[]
  hold: number
  atOnce: number
  offersMost: Amount
  calendar: Id | ''
  whenClosed: WhenClosed
  /** Where contacts go on to; nowhere when empty. */
  overflowTo: Id | ''
  overflowAfter: Amount
  overflowLonger: Amount
  overflowNobody: boolean
  wrapUp: boolean
  wrapUpSeconds: Amount
  needsDisposition: boolean
}

export const STRATEGIES: readonly Strategy[] = ['longest_idle', 'most_spare', 'round_robin', 'best_proficiency', 'least_flexible']

const amount = (value: number | null | undefined): Amount => value ?? ''
const given = (value: Amount): number | null => (value === '' ? null : value)

export function rulesForm({ rules, calendar_id }: Pick<RulesView, 'rules' | 'calendar_id'>): RulesForm {
  return {
    strategy: rules.strategy,
    band: rules.band,
    weight: rules.weight,
    urgency: rules.urgency,
    skills: rules.skills.map((one) => ({ ...one })),
    rings: rules.rings.map((ring) => ({ after: ring.after_seconds, skills: ring.skills.map((one) => ({ ...one })), queues: [...ring.queue_ids] })),
    hold: rules.hold_seconds,
    atOnce: rules.offers_at_once,
    offersMost: amount(rules.offers_most),
    calendar: calendar_id ?? '',
    whenClosed: rules.when_closed,
    overflowTo: rules.overflow?.queue_id ?? '',
    overflowAfter: amount(rules.overflow?.after_seconds),
    overflowLonger: amount(rules.overflow?.longer_than),
    overflowNobody: rules.overflow?.nobody_there ?? false,
    wrapUp: rules.wrap_up,
    wrapUpSeconds: amount(rules.wrap_up_seconds),
    needsDisposition: rules.needs_disposition,
  }
}

function overflowOf(form: RulesForm): QueueRules['overflow'] {
  if (!form.overflowTo) return null
  return { queue_id: form.overflowTo, after_seconds: given(form.overflowAfter), longer_than: given(form.overflowLonger), nobody_there: form.overflowNobody }
}

export function rulesBody(form: RulesForm, version: number): RulesBody {
  return {
    version,
    calendar_id: form.calendar || null,
    rules: {
      strategy: form.strategy,
      band: form.band,
      weight: form.weight,
      urgency: form.urgency,
      skills: form.skills,
      rings: form.rings.map((ring) => ({
        after_seconds: ring.after === '' ? 0 : ring.after,
        // A ring says only what is lower than before it.
        skills: ring.skills.filter((one) => one.level < (form.skills.find((asked) => asked.skill_id === one.skill_id)?.level ?? 0)),
        queue_ids: ring.queues,
      })),
      hold_seconds: form.hold,
      offers_at_once: form.atOnce,
      offers_most: given(form.offersMost),
      overflow: overflowOf(form),
      when_closed: form.whenClosed,
      wrap_up: form.wrapUp,
      wrap_up_seconds: form.wrapUp ? given(form.wrapUpSeconds) : null,
      needs_disposition: form.wrapUp && form.needsDisposition,
    },
  }
}
