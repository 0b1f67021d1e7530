/** Who changed which setting when. */
import { api } from '@/api/client'
import type { Id, IsoTime, Page } from '@/api/schema'

export const AREAS = ['account', 'widget', 'bot', 'messenger', 'queue', 'agent', 'role', 'team', 'company', 'skill', 'calendar', 'profile', 'disposition', 'canned_reply'] as const
export type Area = (typeof AREAS)[number]

export interface SettingChange {
  id: Id
  at: IsoTime
  actor_id: Id | null
  actor: string
  area: Area
  subject_id: Id | null
  name: string
  what: 'added' | 'changed' | 'removed'
  /** By field: what it was and what it is. */
  changes: Record<string, [unknown, unknown]>
}

export const fetchChanges = (query: { area?: string; actor_id?: string; cursor?: string | null }): Promise<Page<SettingChange>> =>
  api.get('/setting-changes', query)
