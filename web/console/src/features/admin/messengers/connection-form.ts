/** A messenger's account while it is edited, whatever its fields are. */
import type { Connection, Field } from './connections'
import type { AccountView } from '@/api/schema'

export interface ConnectionForm {
  name: string
  queue_id: string
  enabled: boolean
  values: Record<string, string>
}

export function connectionForm(about: Connection, account: AccountView | null): ConnectionForm {
  return {
    name: account?.name ?? '',
    queue_id: account?.queue_id ?? '',
    enabled: account?.enabled ?? true,
    values: Object.fromEntries(about.fields.map((field) => [field.name, shown(field, account?.settings[field.name])])),
  }
}

function shown(field: Field, saved: unknown): string {
  if (field.as === 'secret') return ''
  if (Array.isArray(saved)) return saved.join('\n')
  if (typeof saved === 'number' || typeof saved === 'boolean') return String(saved)
  if (field.as === 'texts') return JSON.stringify(saved ?? {})
  return typeof saved === 'string' ? saved : (field.usual ?? '')
}

/** What is left empty stays out, so that the server's own default holds. */
export function settingsOf(about: Connection, form: ConnectionForm): Record<string, unknown> {
  const given: Record<string, unknown> = {}
  for (const field of about.fields) {
    const value = form.values[field.name] || field.usual || ''
    if (field.as === 'secret' || !value) continue
    given[field.name] = valueOf(field, value)
  }
  return given
}

function valueOf(field: Field, typed: string): unknown {
  if (field.as === 'hosts' || field.as === 'languages') return typed.split(/[\s,]+/).filter(Boolean)
  if (field.as === 'switch') return typed === 'true'
  if (field.as === 'texts') return JSON.parse(typed)
  return field.as === 'number' ? Number(typed) : typed
}

/** Only what was typed: a secret left empty keeps its value. */
export function secretsOf(about: Connection, form: ConnectionForm): Record<string, string> {
  const typed = about.fields.filter((field) => field.as === 'secret' && form.values[field.name])
  return Object.fromEntries(typed.map((field) => [field.name, form.values[field.name] ?? '']))
}

/** Whether a secret must be entered before the form can be tested or saved: there is none, or it would go elsewhere. */
export function needsSecret(about: Connection, field: Field, form: ConnectionForm, account: AccountView | null): boolean {
  if (field.as !== 'secret' || field.optional) return false
  if (!account?.secrets_set.includes(field.name)) return true
  const saved = connectionForm(about, account).values
  return (about.leads ?? []).some((name) => (form.values[name] || usual(about, name)) !== (saved[name] || usual(about, name)))
}

function usual(about: Connection, name: string): string {
  return about.fields.find((field) => field.name === name)?.usual ?? ''
}

/** A secret that nobody guesses: 256 bits, in letters and digits. */
export function newSecret(): string {
  return [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function hookAddress(account: AccountView, origin: string): string {
  return `${origin}/hooks/${account.kind}/${account.public_key}`
}
