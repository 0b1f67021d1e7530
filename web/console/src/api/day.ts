/** The agent's day: saved views, and changes to many tickets at once. */
import { api } from '@/api/client'
import type { Done, Id, IsoTime, Priority, TicketStatus } from '@/api/schema'

export type Field =
  | 'status' | 'priority' | 'channel' | 'assignee' | 'team' | 'queue' | 'client' | 'tag' | 'subject'
  | 'created' | 'activity' | 'client_wrote' | 'awaiting' | 'unread' | 'mentioned' | 'snoozed'
export type Op = 'any_of' | 'none_of' | 'all_of' | 'contains' | 'lacks' | 'older_than' | 'newer_than' | 'is'

export interface Rule {
  kind: 'rule'
  field: Field
  op: Op
  value: string[]
}

export interface Group {
  kind: 'group'
  match: 'all' | 'any'
  rules: (Group | Rule)[]
}

export type Audience = 'me' | 'team' | 'everybody'

export interface SavedView {
  id: Id
  name: string
  owner_id: Id
  audience: Audience
  team_id: Id | null
  conditions: Group
  mine: boolean
  version: number
}

export interface NewSavedView {
  name: string
  conditions: Group
  audience: Audience
  team_id: Id | null
}

/** What wakes a ticket: a moment, a word of the client, or whichever comes first. */
export interface Wake {
  until: IsoTime | null
  on_reply: boolean
}

export interface TicketChange {
  id: Id
  version?: number
  status?: TicketStatus
  priority?: Priority
  assignee_id?: Id | null
  team_id?: Id | null
  tags?: string[]
  add_tags?: string[]
  remove_tags?: string[]
  snooze?: Wake | null
}

export interface ChangeOutcome {
  id: Id
  ok: boolean
  version: number
  /** Sent back as a change, it undoes this one. */
  before: Omit<TicketChange, 'id' | 'version'>
  error: string
  message: string
}

/** As many as the server takes at once. */
export const CHANGES_AT_ONCE = 200

export const fetchViews = (): Promise<SavedView[]> => api.get('/views')
export const addView = (body: NewSavedView): Promise<SavedView> => api.post('/views', body)
export const changeView = (id: Id, body: Partial<NewSavedView> & { version: number }): Promise<SavedView> => api.patch(`/views/${id}`, body)
export const removeView = (id: Id): Promise<Done> => api.delete(`/views/${id}`)
export const changeTickets = (changes: TicketChange[]): Promise<ChangeOutcome[]> => api.post('/tickets/changes', { changes })
