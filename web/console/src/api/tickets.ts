/** Tickets, their threads, drafts and suggestions. */
import { api, pathWith } from '@/api/client'
import type {
  CannedReplyPatch, CannedReplyView, Done, DraftBody, DraftView, HistoryItem, Id, Locale, MessageView, NewCannedReply, NewMessage,
  NewTicket, Page, PreviewBody, PreviewView, RenderedReply, ReplyPlan, SearchHit, Suggestion, TicketBrief, TicketPatch, TicketView,
  ViewCount,
} from '@/api/schema'

export interface TicketFilter {
  view?: string
  /** One or several, separated by commas. */
  status?: string
  client_id?: Id
  tag?: string
  queue_id?: Id
  cursor?: string | null
  limit?: number
}

export const fetchTickets = (filter: TicketFilter): Promise<Page<TicketBrief>> => api.get('/tickets', { ...filter })
export const fetchCounts = (): Promise<ViewCount[]> => api.get('/tickets/counts')
/** Moves my cursor: what came up to this message is no longer new to me. */
export const markRead = (id: Id, message: Id): Promise<Done> => api.put(`/tickets/${id}/read`, { message_id: message })
export const markUnread = (id: Id): Promise<Done> => api.delete(`/tickets/${id}/read`)
export const openTicket = (body: NewTicket): Promise<TicketBrief> => api.post('/tickets', body)
export const fetchTicket = (id: Id): Promise<TicketView> => api.get(`/tickets/${id}`)
export const changeTicket = (id: Id, body: TicketPatch): Promise<TicketBrief> => api.patch(`/tickets/${id}`, body)
export const fetchMessages = (id: Id, before: string | null): Promise<Page<MessageView>> =>
  api.get(`/tickets/${id}/messages`, { before })
export const fetchNewest = (id: Id, limit: number): Promise<Page<MessageView>> => api.get(`/tickets/${id}/messages`, { limit })
export const fetchHistory = (id: Id, cursor: string | null = null): Promise<Page<HistoryItem>> =>
  api.get(`/tickets/${id}/history`, { cursor })
export const searchTickets = (q: string, cursor: string | null = null): Promise<Page<SearchHit>> =>
  api.get('/search', { q, cursor })

export const sendMessage = (ticket: Id, body: NewMessage): Promise<MessageView> =>
  api.post(`/tickets/${ticket}/messages`, body)
export const fetchPlan = (ticket: Id): Promise<ReplyPlan> => api.get(`/tickets/${ticket}/reply-plan`)
export const previewMessage = (ticket: Id, body: PreviewBody): Promise<PreviewView> => api.post(`/tickets/${ticket}/preview`, body)
export const undoMessage = (id: Id): Promise<MessageView> => api.post(`/messages/${id}/undo`)
export const retryMessage = (id: Id): Promise<MessageView> => api.post(`/messages/${id}/retry`)
/** Address of a message's sanitised document, for a sandboxed frame only. */
export const messageDocument = (id: Id, images: boolean): string =>
  pathWith(`/messages/${id}/html`, { images: images ? 1 : null })

export const fetchDraft = (ticket: Id): Promise<DraftView> => api.get(`/tickets/${ticket}/draft`)
export const saveDraft = (ticket: Id, body: DraftBody): Promise<DraftView> => api.put(`/tickets/${ticket}/draft`, body)
export const dropDraft = (ticket: Id): Promise<Done> => api.delete(`/tickets/${ticket}/draft`)
export const dropUpload = (id: Id): Promise<Done> => api.delete(`/uploads/${id}`)

export const fetchSuggestions = (ticket: Id, locale: Locale): Promise<Suggestion[]> =>
  api.get(`/tickets/${ticket}/suggestions`, { locale })
export const linkArticle = (ticket: Id, article: Id): Promise<Done> => api.put(`/tickets/${ticket}/articles/${article}`)
export const unlinkArticle = (ticket: Id, article: Id): Promise<Done> =>
  api.delete(`/tickets/${ticket}/articles/${article}`)

export const fetchCannedReplies = (): Promise<CannedReplyView[]> => api.get('/canned-replies')
export const addCannedReply = (body: NewCannedReply): Promise<CannedReplyView> => api.post('/canned-replies', body)
export const changeCannedReply = (id: Id, body: CannedReplyPatch): Promise<CannedReplyView> =>
  api.patch(`/canned-replies/${id}`, body)
export const removeCannedReply = (id: Id): Promise<Done> => api.delete(`/canned-replies/${id}`)
export const renderCannedReply = (id: Id, ticket: Id): Promise<RenderedReply> =>
  api.get(`/canned-replies/${id}/render`, { ticket_id: ticket })
