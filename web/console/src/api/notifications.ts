/** What an agent is told of: the list, what is read, and what tells them in which ways. */
import { api } from '@/api/client'
import type { Id, IsoTime } from '@/api/schema'

export const EVENTS = ['offer', 'missed', 'mention', 'assigned', 'reply', 'woken', 'failed', 'dead_letter', 'forced', 'spending'] as const
export type Event = (typeof EVENTS)[number]
export const WAYS = ['app', 'desktop', 'sound', 'push', 'mail'] as const
export type Way = (typeof WAYS)[number]

export interface NotificationView {
  id: Id
  event: Event
  at: IsoTime
  read: boolean
  name: string
  detail: string
  ticket: { id: Id; number: number; subject: string } | null
}

export interface NotificationPage {
  items: NotificationView[]
  next: string | null
  unread: number
}

export interface Choices {
  ways: Record<Event, Record<Way, boolean>>
  /** Local times as `HH:MM`; a span that ends before it begins goes over midnight. */
  quiet: { on: boolean; starts: string; ends: string }
  timezone: string
  digest: 'hourly' | 'daily'
  digest_at: string
}

/** `chosen` is false as long as nothing was ever chosen: then it is the usual. */
export interface ChoicesView {
  chosen: boolean
  choices: Choices
}

export const fetchNotifications = (unread: boolean, cursor: string | null = null): Promise<NotificationPage> =>
  api.get('/notifications', { unread: unread || null, cursor })
export const readNotifications = (body: { ids?: Id[]; until?: IsoTime }): Promise<{ unread: number }> => api.post('/notifications/read', body)
export const fetchChoices = (): Promise<ChoicesView> => api.get('/notification-choices')
export const putChoices = (choices: Choices): Promise<ChoicesView> => api.put('/notification-choices', choices)
