/** Mailboxes, chat widgets and what could not be understood. */
import { api, pathWith } from '@/api/client'
import type {
  AccountCheck, AccountHealthView, AccountPatch, AccountRemoved, AccountView, CheckView, DeadLetterView, Done, Id, Locale, NewAccount, Page,
} from '@/api/schema'

export const fetchAccounts = (): Promise<AccountView[]> => api.get('/accounts')
/** How every account fares: what waits, what passed in a day, what went wrong. */
export const fetchAccountHealth = (): Promise<AccountHealthView[]> => api.get('/accounts/health')
export const addAccount = (body: NewAccount): Promise<AccountView> => api.post('/accounts', body)
export const changeAccount = (id: Id, body: AccountPatch): Promise<AccountView> => api.patch(`/accounts/${id}`, body)
/** How a widget with these settings looks and speaks; nothing is saved. */
export const previewWidget = (body: { settings: Record<string, unknown>; locale: Locale }): Promise<Record<string, unknown>> =>
  api.post('/widgets/preview', body)
export const removeAccount = (id: Id): Promise<AccountRemoved> => api.delete(`/accounts/${id}`)
export const checkAccount = (body: AccountCheck): Promise<CheckView> => api.post('/accounts/check', body)

export const fetchDeadLetters = (cursor: string | null = null): Promise<Page<DeadLetterView>> =>
  api.get('/dead-letters', { cursor })
export const replayDeadLetter = (id: Id): Promise<Done> => api.post(`/dead-letters/${id}/replay`)
export const removeDeadLetter = (id: Id): Promise<Done> => api.delete(`/dead-letters/${id}`)
/** Address of the raw text, served as a download. */
export const rawDeadLetter = (id: Id): string => pathWith(`/dead-letters/${id}/raw`)
