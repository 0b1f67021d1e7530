/** A chat widget while it is edited. */
import { reactive } from 'vue'
import type { AccountView, Locale } from '@/api/schema'
import { LOCALES } from '@/shared/i18n'

export const TEXTS = ['title', 'greeting', 'placeholder', 'offline', 'offline_mail'] as const
export type WidgetText = (typeof TEXTS)[number]
type Need = 'off' | 'optional' | 'required'

export interface WidgetForm {
  name: string
  queue_id: string
  enabled: boolean
  colour: string
  theme: string
  position: string
  default_locale: string
  domains: string
  need_name: Need
  need_email: Need
  uploads: boolean
  reply_account_id: string
  identity_required: boolean
  identity_secret: string
  texts: Record<Locale, Record<WidgetText, string>>
}

function read<T>(settings: Record<string, unknown>, field: string, otherwise: T): T {
  return (settings[field] ?? otherwise) as T
}

export function widgetForm(account: AccountView | null): WidgetForm {
  const known = account?.settings ?? {}
  const asked = read<Record<string, Need>>(known, 'pre_chat', {})
  const words = read<Partial<Record<Locale, Partial<Record<WidgetText, string>>>>>(known, 'texts', {})
  const blank = { title: '', greeting: '', placeholder: '', offline: '', offline_mail: '' }
  return reactive({
    name: account?.name ?? '',
    queue_id: account?.queue_id ?? '',
    enabled: account?.enabled ?? true,
    colour: read(known, 'colour', '#2563eb'),
    theme: read(known, 'theme', 'auto'),
    position: read(known, 'position', 'right'),
    default_locale: read(known, 'default_locale', 'en'),
    domains: read<string[]>(known, 'allowed_domains', []).join('\n'),
    need_name: asked['name'] ?? 'optional',
    need_email: asked['email'] ?? 'optional',
    uploads: read(known, 'uploads', true),
    reply_account_id: read(known, 'reply_account_id', '') ?? '',
    identity_required: read(known, 'identity_required', false),
    identity_secret: '',
    texts: Object.fromEntries(LOCALES.map((locale) => [locale, { ...blank, ...words[locale] }])) as WidgetForm['texts'],
  })
}

/** What the form knows, over what the account already had: settings the form does not show stay. */
export function widgetSettings(form: WidgetForm, account: AccountView | null): Record<string, unknown> {
  return {
    ...account?.settings,
    colour: form.colour,
    theme: form.theme,
    position: form.position,
    default_locale: form.default_locale,
    allowed_domains: form.domains.split(/[\s,]+/).filter(Boolean),
    pre_chat: { name: form.need_name, email: form.need_email },
    uploads: form.uploads,
    reply_account_id: form.reply_account_id || null,
    identity_required: form.identity_required,
    texts: form.texts,
  }
}

export function snippet(account: AccountView, origin: string): string {
  return `<script src="${origin}/widget.js" data-key="${account.public_key}" async></${'script'}>`
}

/** Contrast of white on a colour by WCAG 2.2; 4.5 is enough for text. */
export function contrastWithWhite(colour: string): number {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
  const [red = 0, green = 0, blue = 0] = channels.map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
}
