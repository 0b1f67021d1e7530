/** Beside an agent at a running contact: read along, whisper, take part. */
import { api } from '@/api/client'
import type { ContactView, Id, MessageView } from '@/api/schema'

export const readAlong = (contact: Id): Promise<ContactView> => api.post(`/contacts/${contact}/read-along`)
export const joinContact = (contact: Id): Promise<ContactView> => api.post(`/contacts/${contact}/join`)
export const leaveContact = (contact: Id): Promise<ContactView> => api.post(`/contacts/${contact}/leave`)
export const sendWhisper = (contact: Id, id: Id, html: string): Promise<MessageView> => api.post(`/contacts/${contact}/whisper`, { id, html })
