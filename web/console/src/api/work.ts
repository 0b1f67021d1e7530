/** Offers and contacts: what rings, what waits, and the floor seen from above. */
import { api } from '@/api/client'
import type { ContactState, ContactView, Done, FloorView, Id, Page, WhyView, WorkView } from '@/api/schema'

export interface ContactFilter {
  state?: ContactState
  queue_id?: Id
  cursor?: string | null
  limit?: number
}

export const fetchWork = (): Promise<WorkView> => api.get('/work')
export const acceptOffer = (id: Id): Promise<ContactView> => api.post(`/offers/${id}/accept`)
export const declineOffer = (id: Id): Promise<Done> => api.post(`/offers/${id}/decline`)

export const fetchContacts = (filter: ContactFilter): Promise<Page<ContactView>> => api.get('/contacts', { ...filter })
export const takeContact = (id: Id): Promise<ContactView> => api.post(`/contacts/${id}/take`)
export const assignContact = (id: Id, agent: Id): Promise<ContactView> =>
  api.post(`/contacts/${id}/assign`, { agent_id: agent })
export const moveContact = (id: Id, queue: Id): Promise<ContactView> =>
  api.post(`/contacts/${id}/move`, { queue_id: queue })
export const requeueContact = (id: Id): Promise<ContactView> => api.post(`/contacts/${id}/requeue`)
/** What shall become of many contacts, and what became of each; `error` is empty where it is done. */
export interface ContactChanges {
  contact_ids: Id[]
  do: 'move' | 'assign' | 'requeue'
  queue_id?: Id
  agent_id?: Id
}

export interface ContactOutcome {
  id: Id
  error: string
  message: string
}

export const changeContacts = (body: ContactChanges): Promise<ContactOutcome[]> => api.post('/contacts/changes', body)
export const closeContact = (id: Id): Promise<ContactView> => api.post(`/contacts/${id}/close`)
export const fetchWhy = (id: Id): Promise<WhyView> => api.get(`/contacts/${id}/why`)

export const fetchFloor = (): Promise<FloorView> => api.get('/floor')
