/** A chat widget while it is edited. */
import { reactive } from 'vue'
import type { AccountView, Locale } from '@/api/schema'
import { LOCALES } from '@/shared/i18n'

export const TEXTS = ['title', 'launcher', 'greeting', 'placeholder', 'consent', 'offline', 'offline_mail'] as const
export type WidgetText = (typeof TEXTS)[number]
type Need = 'off' | 'optional' | 'required'

export interface GreetingForm {
  id: string
  page: string
  seconds: number
  visitors: 'all' | 'new' | 'returning'
  texts: Record<Locale, string>
}

export interface WidgetForm {
  greetings: GreetingForm[]
  consent: boolean
  privacy_url: string
  forgetful: boolean
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
  const blank = { title: '', launcher: '', greeting: '', placeholder: '', consent: '', offline: '', offline_mail: '' }
  const greetings = read<GreetingForm[]>(known, 'greetings', [])
  return reactive({
    greetings: greetings.map((one) => ({ ...newGreeting(), ...one, texts: { ...newGreeting().texts, ...one.texts } })),
    consent: read(known, 'consent', false),
    privacy_url: read(known, 'privacy_url', ''),
    forgetful: read<string>(known, 'storage', 'local') === 'session',
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

export function newGreeting(): GreetingForm {
  return { id: `g-${Math.random().toString(36).slice(2, 10)}`, page: '', seconds: 20, visitors: 'all', texts: { en: '', uk: '', ru: '' } }
}

function greetingSettings(one: GreetingForm): Omit<GreetingForm, 'texts'> & { texts: Partial<Record<Locale, string>> } {
  return { ...one, texts: Object.fromEntries(Object.entries(one.texts).filter(([, text]) => text.trim())) }
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
    greetings: form.greetings.map(greetingSettings).filter((one) => Object.keys(one.texts).length),
    consent: form.consent,
    privacy_url: form.privacy_url,
    storage: form.forgetful ? 'session' : 'local',
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
