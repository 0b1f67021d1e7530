/** Texts that providers have approved before, and ways to write to a client first. */
import { api } from '@/api/client'
import type { Id, ReplyRoute, TemplateView } from '@/api/schema'

export const fetchTemplates = (account: Id): Promise<TemplateView[]> => api.get('/templates', { account_id: account })
export const refreshTemplates = (account: Id): Promise<{ count: number }> => api.post(`/accounts/${account}/templates/refresh`)
export const fetchWays = (client: Id): Promise<ReplyRoute[]> => api.get(`/clients/${client}/ways`)
