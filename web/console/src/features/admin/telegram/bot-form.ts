/** A Telegram bot while it is edited. */
import type { AccountView } from '@/api/schema'

export const USUAL_API = 'https://api.telegram.org'

export interface BotForm {
  name: string
  queue_id: string
  enabled: boolean
  token: string
  receiving: 'polling' | 'webhook'
  api_url: string
}

export function botForm(account: AccountView | null): BotForm {
  const known = account?.settings ?? {}
  return {
    name: account?.name ?? '',
    queue_id: account?.queue_id ?? '',
    enabled: account?.enabled ?? true,
    token: '',
    receiving: known['receiving'] === 'webhook' ? 'webhook' : 'polling',
    api_url: typeof known['api_url'] === 'string' ? known['api_url'] : USUAL_API,
  }
}

export function botSettings(form: BotForm): Record<string, unknown> {
  return { receiving: form.receiving, api_url: form.api_url || USUAL_API }
}

/** Only what was typed: a token left empty keeps its value. */
export function botSecrets(form: BotForm): Record<string, string> {
  return form.token ? { bot_token: form.token } : {}
}

/** Whether the token must be pasted before this form can be tested or saved: there is none, or it would go to another server. */
export function needsToken(form: BotForm, account: AccountView | null): boolean {
  if (!account?.secrets_set.includes('bot_token')) return true
  return (form.api_url || USUAL_API) !== botForm(account).api_url
}
