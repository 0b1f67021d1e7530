/** Persons and organisations we serve. */
import { api } from '@/api/client'
import type {
  ClientPatch, ClientView, Done, Id, LikelyView, ListedClient, NewClient, NoteView, Page, TimelineItem,
} from '@/api/schema'

export const fetchClients = (q: string, cursor: string | null = null): Promise<Page<ListedClient>> =>
  api.get('/clients', { q, cursor })
export const addClient = (body: NewClient): Promise<ClientView> => api.post('/clients', body)
export const fetchClient = (id: Id): Promise<ClientView> => api.get(`/clients/${id}`)
export const changeClient = (id: Id, body: ClientPatch): Promise<ClientView> => api.patch(`/clients/${id}`, body)
export const fetchTimeline = (id: Id, cursor: string | null = null): Promise<Page<TimelineItem>> =>
  api.get(`/clients/${id}/timeline`, { cursor })
export const addNote = (id: Id, text: string): Promise<NoteView> => api.post(`/clients/${id}/notes`, { text })
/** Others who may be the same person, and what they share. */
export const fetchLikely = (id: Id): Promise<LikelyView[]> => api.get(`/clients/${id}/likely`)
export const tellApart = (id: Id, other: Id): Promise<Done> => api.post(`/clients/${id}/unlike`, { other_id: other })
export const mergeClients = (target: Id, source: Id): Promise<ClientView> =>
  api.post(`/clients/${target}/merge`, { source_id: source })
export const undoMerge = (merge: Id): Promise<ClientView> => api.post(`/merges/${merge}/undo`)
