/** A mailbox while it is edited: every setting of the server with its default. */
import { reactive } from 'vue'
import type { AccountView } from '@/api/schema'

export interface MailboxForm {
  name: string
  queue_id: string
  enabled: boolean
  address: string
  display_name: string
  aliases: string
  imap_host: string
  imap_port: number
  imap_tls: string
  imap_user: string
  imap_password: string
  folder: string
  smtp_host: string
  smtp_port: number
  smtp_tls: string
  smtp_user: string
  smtp_password: string
  plus_addressing: boolean
  trusted_authserv_id: string
  fetch_since: string
  mark_seen: boolean
}

const DEFAULTS: MailboxForm = {
  name: '', queue_id: '', enabled: true, address: '', display_name: '', aliases: '',
  imap_host: '', imap_port: 993, imap_tls: 'tls', imap_user: '', imap_password: '', folder: 'INBOX',
  smtp_host: '', smtp_port: 587, smtp_tls: 'starttls', smtp_user: '', smtp_password: '',
  plus_addressing: false, trusted_authserv_id: '', fetch_since: 'new', mark_seen: false,
}

export function mailboxForm(account: AccountView | null): MailboxForm {
  const known = account?.settings ?? {}
  const form = reactive({ ...DEFAULTS, name: account?.name ?? '', queue_id: account?.queue_id ?? '', enabled: account?.enabled ?? true })
  for (const [field, value] of Object.entries(known)) {
    if (field in form && value !== null) Object.assign(form, { [field]: Array.isArray(value) ? value.join(', ') : value })
  }
  return form
}

const NOT_SETTINGS = new Set(['name', 'queue_id', 'enabled', 'imap_password', 'smtp_password'])

export function settingsOf(form: MailboxForm): Record<string, unknown> {
  return {
    ...Object.fromEntries(Object.entries(form).filter(([field]) => !NOT_SETTINGS.has(field))),
    aliases: form.aliases.split(/[,\s]+/).filter(Boolean),
    trusted_authserv_id: form.trusted_authserv_id || null,
  }
}

/** Only what was typed: a secret left empty keeps its value, and one that is of no use is forgotten. */
export function secretsOf(form: MailboxForm, account: AccountView | null): Record<string, string> {
  const typed = { imap_password: form.imap_password, smtp_password: form.smtp_password }
  const given = Object.fromEntries(Object.entries(typed).filter(([, secret]) => secret !== ''))
  const useless = form.smtp_user === '' && account?.secrets_set.includes('smtp_password')
  return useless ? { ...given, smtp_password: '' } : given
}

const SAFER = ['none', 'starttls', 'tls']

/** Whether a saved password would go to another server, port or user, or less safely: the server then asks for it anew. */
export function movesSecret(form: MailboxForm, account: AccountView | null, side: 'imap' | 'smtp'): boolean {
  if (!account?.secrets_set.includes(`${side}_password`)) return false
  const saved = mailboxForm(account)
  const elsewhere = (['host', 'port', 'user'] as const).some((part) => form[`${side}_${part}`] !== saved[`${side}_${part}`])
  return elsewhere || SAFER.indexOf(form[`${side}_tls`]) < SAFER.indexOf(saved[`${side}_tls`])
}

/** Whether a password must be typed before this form can be tested or saved. */
export function needsSecret(form: MailboxForm, account: AccountView | null, side: 'imap' | 'smtp'): boolean {
  return movesSecret(form, account, side) && !(side === 'smtp' && form.smtp_user === '')
}
