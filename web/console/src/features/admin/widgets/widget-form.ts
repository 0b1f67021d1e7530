/** A chat widget while it is edited. */
import { reactive } from 'vue'
import type { AccountView, Locale } from '@/api/schema'
import { LOCALES } from '@/shared/i18n'

export const TEXTS = ['title', 'launcher', 'greeting', 'placeholder', 'offline', 'offline_mail'] as const
export type WidgetText = (typeof TEXTS)[number]
type Need = 'off' | 'optional' | 'required'

export interface WidgetForm {
  name: string
  queue_id: string
  enabled: boolean
  colour: string
  own_dark: boolean
  colour_dark: string
  theme: string
  position: string
  icon: string
  side: number
  bottom: number
  default_locale: string
  domains: string
  need_name: Need
  need_email: Need
  uploads: boolean
  articles: boolean
  rating: boolean
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
  const launcher = read<Record<string, unknown>>(known, 'launcher', {})
  const dark = read(known, 'colour_dark', '')
  const blank = { title: '', launcher: '', greeting: '', placeholder: '', offline: '', offline_mail: '' }
  return reactive({
    name: account?.name ?? '',
    queue_id: account?.queue_id ?? '',
    enabled: account?.enabled ?? true,
    colour: read(known, 'colour', '#2563eb'),
    own_dark: Boolean(dark),
    colour_dark: dark || read(known, 'colour', '#2563eb'),
    theme: read(known, 'theme', 'auto'),
    position: read(known, 'position', 'right'),
    icon: read(launcher, 'icon', 'chat'),
    side: read(launcher, 'side', 20),
    bottom: read(launcher, 'bottom', 20),
    default_locale: read(known, 'default_locale', 'en'),
    domains: read<string[]>(known, 'allowed_domains', []).join('\n'),
    need_name: asked['name'] ?? 'optional',
    need_email: asked['email'] ?? 'optional',
    uploads: read(known, 'uploads', true),
    articles: read(known, 'articles', true),
    rating: read(known, 'rating', true),
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
    colour_dark: form.own_dark ? form.colour_dark : '',
    theme: form.theme,
    position: form.position,
    launcher: { icon: form.icon, side: form.side, bottom: form.bottom },
    default_locale: form.default_locale,
    allowed_domains: form.domains.split(/[\s,]+/).filter(Boolean),
    pre_chat: { name: form.need_name, email: form.need_email },
    uploads: form.uploads,
    articles: form.articles,
    rating: form.rating,
    reply_account_id: form.reply_account_id || null,
    identity_required: form.identity_required,
    texts: form.texts,
  }
}

/** One line for every page that shall have the bubble. */
export function snippet(account: AccountView, origin: string): string {
  return `<script src="${origin}/widget.js" data-key="${account.public_key}" async></${'script'}>`
}

/** The chat in a box of the page's own instead of a bubble. */
export function inlineSnippet(account: AccountView, origin: string): string {
  return `<div id="chat" style="height: 600px"></div>\n<script src="${origin}/widget.js" data-key="${account.public_key}" data-target="#chat" async></${'script'}>`
}
