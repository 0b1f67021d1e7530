/** Clients who are to be called back; the same names as `web/api/callbacks.py`. */
import { api } from '@/api/client'
import type { Done, Id, IsoTime } from '@/api/schema'

export interface CallbackWish {
  /** Absent: when it is the client's turn. */
  due_at?: IsoTime | null
  number?: string
  note?: string
}

export interface Callback {
  id: Id
  /** For its time; in its queue; an agent has it. */
  state: 'planned' | 'waiting' | 'held'
  ticket_id: Id
  ticket_number: number | null
  subject: string
  client_id: Id
  client_name: string
  queue_id: Id
  channel: string
  number: string
  note: string
  due_at: IsoTime | null
  asked_by: Id
  created_at: IsoTime
  contact_id: Id | null
  ahead: number | null
  p50_seconds: number | null
  p80_seconds: number | null
}

export const askCallback = (contact: Id, wish: CallbackWish): Promise<Callback> => api.post(`/contacts/${contact}/callback`, wish)
export const fetchCallbacks = (queue: Id): Promise<Callback[]> => api.get('/callbacks', { queue_id: queue })
export const dropCallback = (id: Id): Promise<Done> => api.delete(`/callbacks/${id}`)
