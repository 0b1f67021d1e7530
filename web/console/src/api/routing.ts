/** How contacts find agents: skills, hours, profiles, endings and the rules of queues. */
import { api } from '@/api/client'
import type { ContactView, Done, Id, IsoTime } from '@/api/schema'

export interface SkillView {
  id: Id
  name: string
  version: number
}

/** From one minute of the day to another; 1440 is midnight at its end. */
export interface Span {
  opens: number
  closes: number
}

export interface OpenDay {
  /** 0 is Monday. */
  weekday: number
  spans: Span[]
}

export interface Holiday {
  /** A date, like 2027-01-01. */
  on: string
  name: string
  spans: Span[]
}

export interface CalendarBody {
  name: string
  timezone: string
  week: OpenDay[]
  holidays: Holiday[]
}

export interface CalendarView extends CalendarBody {
  id: Id
  open_now: boolean
  changes_at: IsoTime | null
  version: number
}

export interface QueueTerms {
  queue_id: Id
  rank: number
  delay_seconds: number
}

export interface ProfileRules {
  capacity: Record<string, number>
  budget: number | null
  units: Record<string, number>
  exclusive: string[]
  interrupts: Record<string, string[]>
  queues: QueueTerms[]
}

export interface ProfileView {
  id: Id
  name: string
  rules: ProfileRules
  version: number
}

export interface DispositionBody {
  name: string
  queue_id: Id | null
  needs_note: boolean
}

export interface DispositionView extends DispositionBody {
  id: Id
  active: boolean
  version: number
}

export interface AskedSkill {
  skill_id: Id
  level: number
}

export interface Ring {
  after_seconds: number
  skills: AskedSkill[]
  queue_ids: Id[]
}

export interface OverflowRules {
  queue_id: Id
  after_seconds: number | null
  longer_than: number | null
  nobody_there: boolean
}

export type Strategy = 'longest_idle' | 'most_spare' | 'round_robin' | 'best_proficiency' | 'least_flexible'
export type WhenClosed = 'wait' | 'overflow' | 'turn_away'

export interface QueueRules {
  strategy: Strategy
  band: number
  weight: number
  urgency: 'steady' | 'growing'
  skills: AskedSkill[]
  rings: Ring[]
  hold_seconds: number
  offers_at_once: number
  offers_most: number | null
  overflow: OverflowRules | null
  when_closed: WhenClosed
  wrap_up: boolean
  wrap_up_seconds: number | null
  needs_disposition: boolean
}

export interface DoubtView {
  code: 'nobody_serves' | 'skill_nobody_has' | 'ring_never_opens' | 'overflow_never' | 'never_open' | 'no_disposition'
  skill_id: Id | null
  level: number
  seconds: number
}

export interface RulesPreview {
  waiting: number
  offered: number
  moved_on: number
  turned_away: number
  fewer: number
  more: number
  unserved: Id[]
  concerned: ContactView[]
  doubts: DoubtView[]
  agents: number
}

export interface RulesBody {
  version: number
  rules: QueueRules
  calendar_id: Id | null
}

export interface RulesView extends RulesBody {
  queue_id: Id
  waiting: RulesPreview
}

export interface AgentRouting {
  skills: AskedSkill[]
  profile_id: Id | null
}

export interface AgentRoutingView extends AgentRouting {
  agent_id: Id
}

export interface EstimateView {
  ahead: number
  mean_seconds: number
  p50_seconds: number
  p80_seconds: number
}

/** As many as the server takes. */
export const SKILL_LEVEL_MAX = 10
export const RINGS_MAX = 6

export const fetchSkills = (): Promise<SkillView[]> => api.get('/skills')
export const addSkill = (name: string): Promise<SkillView> => api.post('/skills', { name })
export const renameSkill = (id: Id, version: number, name: string): Promise<SkillView> => api.patch(`/skills/${id}`, { version, name })
export const removeSkill = (id: Id): Promise<Done> => api.delete(`/skills/${id}`)

export const fetchCalendars = (): Promise<CalendarView[]> => api.get('/calendars')
export const addCalendar = (body: CalendarBody): Promise<CalendarView> => api.post('/calendars', body)
export const changeCalendar = (id: Id, body: CalendarBody & { version: number }): Promise<CalendarView> => api.patch(`/calendars/${id}`, body)
export const removeCalendar = (id: Id): Promise<Done> => api.delete(`/calendars/${id}`)

export const fetchProfiles = (): Promise<ProfileView[]> => api.get('/routing-profiles')
export const addProfile = (body: { name: string; rules: ProfileRules }): Promise<ProfileView> => api.post('/routing-profiles', body)
export const changeProfile = (id: Id, body: { name: string; rules: ProfileRules; version: number }): Promise<ProfileView> =>
  api.patch(`/routing-profiles/${id}`, body)
export const removeProfile = (id: Id): Promise<Done> => api.delete(`/routing-profiles/${id}`)

export const fetchDispositions = (): Promise<DispositionView[]> => api.get('/dispositions')
export const addDisposition = (body: DispositionBody): Promise<DispositionView> => api.post('/dispositions', body)
export const changeDisposition = (id: Id, body: Partial<DispositionBody> & { version: number; active?: boolean }): Promise<DispositionView> =>
  api.patch(`/dispositions/${id}`, body)

export const fetchRules = (queue: Id): Promise<RulesView> => api.get(`/queues/${queue}/rules`)
export const saveRules = (queue: Id, body: RulesBody): Promise<RulesView> => api.put(`/queues/${queue}/rules`, body)
export const previewRules = (queue: Id, body: RulesBody): Promise<RulesPreview> => api.post(`/queues/${queue}/rules/preview`, body)

export const fetchAgentRouting = (): Promise<AgentRoutingView[]> => api.get('/agent-routing')
export const saveAgentRouting = (agent: Id, body: AgentRouting): Promise<AgentRoutingView> => api.put(`/agents/${agent}/routing`, body)

export const beginWrapUp = (id: Id): Promise<ContactView> => api.post(`/contacts/${id}/wrap-up`)
export const finishContact = (id: Id, body: { disposition_id: Id | null; note: string }): Promise<ContactView> =>
  api.post(`/contacts/${id}/finish`, body)
export const bumpContact = (id: Id): Promise<ContactView> => api.post(`/contacts/${id}/bump`)
export const pinContact = (id: Id, agent: Id | null): Promise<ContactView> => api.post(`/contacts/${id}/pin`, { agent_id: agent })
export const fetchEstimate = (id: Id): Promise<EstimateView> => api.get(`/contacts/${id}/estimate`)
