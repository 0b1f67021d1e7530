/** The supervisor's floor: figures, reports, limits and alerts; the same names as `web/floor_shapes.py`. */
import { api, pathWith } from '@/api/client'
import type { ContactView, Done, Id, IsoTime, Page, SentenceView } from '@/api/schema'

export type Outcome = 'waiting' | 'answered' | 'abandoned' | 'flowed_out'
export const OUTCOMES: readonly Outcome[] = ['answered', 'abandoned', 'flowed_out', 'waiting']

/** Visits that began in a period: offered = answered + abandoned + flowed_out + waiting. */
export interface Figures {
  offered: number
  answered: number
  within_target: number
  abandoned: number
  short_abandoned: number
  flowed_out: number
  waiting: number
  handled: number
  /** Of offered: who hung up and is to be called back. */
  callbacks: number
  callbacks_answered: number
  service_level: number | null
  asa_seconds: number | null
  aht_seconds: number | null
  abandon_seconds: number | null
  callback_seconds: number | null
}

export interface WorkFigures {
  answered: number
  handled: number
  aht_seconds: number | null
  occupancy: number | null
  handle_seconds: number
  busy_seconds: number
  idle_seconds: number
  available_seconds: number
  away_seconds: number
}

export interface QueueSoFar {
  queue_id: Id
  figures: Figures
  occupancy: number | null
}

export interface AgentSoFar {
  agent_id: Id
  figures: WorkFigures
}

export interface FloorFigures {
  since: IsoTime
  counted_to: number
  queues: QueueSoFar[]
  agents: AgentSoFar[]
}

export interface QueueInterval {
  start: IsoTime
  queue_id: Id
  queue: string
  channel: string
  figures: Figures
}

export interface AgentInterval {
  start: IsoTime
  agent_id: Id
  agent: string
  figures: WorkFigures
}

export interface Visit {
  id: string
  outcome: Outcome
  queue_id: Id
  channel: string
  entered_at: IsoTime
  left_at: IsoTime | null
  waited_seconds: number | null
  within_target: boolean
  /** The client is to be called back, or was. */
  callback: boolean
  agent_id: Id | null
  handle_seconds: number
  contact: ContactView | null
}

export const LIMIT_KINDS = ['longest_wait', 'waiting', 'service_level', 'nobody_available', 'lost'] as const
export type LimitKind = (typeof LIMIT_KINDS)[number]
/** Kinds with a number to set. */
export const COUNTED: readonly LimitKind[] = ['longest_wait', 'waiting', 'service_level']

export interface Threshold {
  id: Id
  queue_id: Id
  kind: LimitKind
  most: number
  sound: boolean
  mail_to: Id[]
  enabled: boolean
  version: number
}

export type NewThreshold = Omit<Threshold, 'id' | 'version'>

export interface FloorAlert {
  id: Id
  threshold_id: Id | null
  queue_id: Id
  kind: LimitKind
  most: number
  value: number
  sound: boolean
  contact_ids: Id[]
  since: IsoTime
  until: IsoTime | null
}

export interface Asked {
  from: IsoTime
  to: IsoTime
  interval?: number
  queue_id?: Id | undefined
  agent_id?: Id | undefined
  cursor?: string | null
}

export interface AskedVisits extends Asked {
  outcome?: Outcome | undefined
  callbacks?: boolean | undefined
}

/** A contact that nobody can serve where it waits. */
export interface Lost {
  contact: ContactView
  /** When it entered the queue it waits in. */
  since: IsoTime
  /** When an alert named it. */
  noticed: IsoTime | null
  why: SentenceView[]
}

export interface LostAndFound {
  items: Lost[]
  looked_at: number
  /** Of long queues only the first were looked at. */
  more: boolean
}

export const fetchLost = (): Promise<LostAndFound> => api.get('/floor/lost')
export const fetchFigures = (since: IsoTime): Promise<FloorFigures> => api.get('/floor/figures', { since })
export const fetchQueueReport = (asked: Asked): Promise<Page<QueueInterval>> => api.get('/reports/queues', { ...asked })
export const fetchAgentReport = (asked: Asked): Promise<Page<AgentInterval>> => api.get('/reports/agents', { ...asked })
export const fetchVisits = (asked: AskedVisits): Promise<Page<Visit>> => api.get('/reports/visits', { ...asked })
export const sheetPath = (of: 'queues' | 'agents', asked: Asked): string => pathWith(`/reports/${of}.csv`, { ...asked })

export const fetchThresholds = (): Promise<Threshold[]> => api.get('/thresholds')
export const addThreshold = (body: NewThreshold): Promise<Threshold> => api.post('/thresholds', body)
export const changeThreshold = (id: Id, body: Partial<NewThreshold> & { version: number }): Promise<Threshold> => api.patch(`/thresholds/${id}`, body)
export const removeThreshold = (id: Id): Promise<Done> => api.delete(`/thresholds/${id}`)
export const fetchOpenAlerts = (): Promise<FloorAlert[]> => api.get('/alerts/open')
export const fetchAlerts = (cursor: string | null): Promise<Page<FloorAlert>> => api.get('/alerts', { cursor })
