/** Every messenger that can be connected, as its form: a new one is an entry here and its words. */
import type { ChannelKind } from '@/api/schema'

export interface Field {
  /** As the server names it, among the settings or the secrets. */
  name: string
  as: 'text' | 'url' | 'secret' | 'choice' | 'hosts' | 'number' | 'switch' | 'languages' | 'texts'
  usual?: string
  choices?: readonly string[]
  optional?: boolean
  /** A secret that nobody hands out: the form makes one. */
  made?: boolean
  /** Hidden until somebody asks for more. */
  more?: boolean
}

export interface Connection {
  kind: ChannelKind
  /** What to do at the provider before, as `step1` … in the words. */
  steps: number
  fields: readonly Field[]
  /** Settings that say where the secrets go: when one changes, they must be entered anew. */
  leads?: readonly string[]
  /** Somebody must carry our address to the other side by hand. */
  tellsAddress?: boolean
}

/** One number at Twilio, whichever way clients write to it. */
const TWILIO: readonly Field[] = [
  { name: 'account_sid', as: 'text' },
  { name: 'auth_token', as: 'secret' },
  { name: 'number', as: 'text' },
  { name: 'messaging_service', as: 'text', optional: true, more: true },
  { name: 'per_second', as: 'number', optional: true, more: true },
  { name: 'most_a_day', as: 'number', optional: true, more: true },
  { name: 'webhook_key', as: 'secret', optional: true, more: true },
  { name: 'api_url', as: 'url', usual: 'https://api.twilio.com', more: true },
]

/** One page or account at Meta, by the Graph API. */
const META: readonly Field[] = [
  { name: 'page_id', as: 'text' },
  { name: 'page_token', as: 'secret' },
  { name: 'app_secret', as: 'secret' },
  { name: 'verify_token', as: 'secret', made: true },
  { name: 'api_url', as: 'url', usual: 'https://graph.facebook.com/v26.0', more: true },
  { name: 'media_hosts', as: 'hosts', usual: 'fbcdn.net\nfbsbx.com\ncdninstagram.com', more: true },
]

/** One number on WhatsApp's own Cloud API. */
const WHATSAPP_CLOUD: readonly Field[] = [
  { name: 'phone_number_id', as: 'text' },
  { name: 'business_account_id', as: 'text' },
  { name: 'access_token', as: 'secret' },
  { name: 'app_secret', as: 'secret' },
  { name: 'verify_token', as: 'secret', made: true },
  { name: 'per_second', as: 'number', optional: true, more: true },
  { name: 'api_url', as: 'url', usual: 'https://graph.facebook.com/v26.0', more: true },
  { name: 'media_hosts', as: 'hosts', usual: 'fbsbx.com\nfbcdn.net\nwhatsapp.net', more: true },
]

export const CONNECTIONS: readonly Connection[] = [
  {
    kind: 'telegram',
    steps: 3,
    fields: [
      { name: 'bot_token', as: 'secret' },
      { name: 'receiving', as: 'choice', usual: 'polling', choices: ['polling', 'webhook'], more: true },
      { name: 'api_url', as: 'url', usual: 'https://api.telegram.org', more: true },
    ],
    leads: ['api_url'],
  },
  {
    kind: 'viber',
    steps: 3,
    fields: [
      { name: 'auth_token', as: 'secret' },
      { name: 'sender_name', as: 'text', optional: true },
      { name: 'api_url', as: 'url', usual: 'https://chatapi.viber.com/pa', more: true },
      { name: 'media_hosts', as: 'hosts', usual: 'viber.com', more: true },
    ],
    leads: ['api_url'],
  },
  {
    kind: 'line',
    steps: 4,
    fields: [
      { name: 'channel_secret', as: 'secret' },
      { name: 'access_token', as: 'secret' },
      { name: 'api_url', as: 'url', usual: 'https://api.line.me', more: true },
      { name: 'data_url', as: 'url', usual: 'https://api-data.line.me', more: true },
    ],
    leads: ['api_url', 'data_url'],
  },
  { kind: 'messenger', steps: 4, fields: META, leads: ['api_url'], tellsAddress: true },
  { kind: 'instagram', steps: 4, fields: META, leads: ['api_url'], tellsAddress: true },
  {
    kind: 'custom',
    steps: 3,
    fields: [
      { name: 'url', as: 'url' },
      { name: 'signing_secret', as: 'secret', made: true },
      { name: 'file_hosts', as: 'hosts', optional: true, more: true },
    ],
    tellsAddress: true,
  },
  { kind: 'sms', steps: 3, fields: TWILIO, leads: ['api_url', 'account_sid'] },
  {
    kind: 'voice',
    steps: 3,
    fields: [
      { name: 'account_sid', as: 'text' },
      { name: 'auth_token', as: 'secret' },
      { name: 'number', as: 'text' },
      { name: 'languages', as: 'languages', usual: 'en' },
      { name: 'greeting', as: 'texts', optional: true },
      { name: 'records', as: 'switch' },
      { name: 'countries', as: 'hosts', optional: true, more: true },
      { name: 'api_key_sid', as: 'text', optional: true, more: true },
      { name: 'api_key_secret', as: 'secret', optional: true, more: true },
      { name: 'calls_a_day', as: 'number', optional: true, more: true },
      { name: 'minutes_a_day', as: 'number', optional: true, more: true },
      { name: 'ring_seconds', as: 'number', optional: true, more: true },
      { name: 'voices', as: 'texts', optional: true, more: true },
      { name: 'keeps_recordings_at_twilio', as: 'switch', more: true },
      { name: 'fallback_url', as: 'url', optional: true, more: true },
      { name: 'api_url', as: 'url', usual: 'https://api.twilio.com', more: true },
      { name: 'signalling_url', as: 'url', usual: 'wss://voice-js.roaming.twilio.com', more: true },
    ],
    leads: ['api_url', 'account_sid'],
  },
  { kind: 'whatsapp', steps: 3, fields: TWILIO, leads: ['api_url', 'account_sid'], tellsAddress: true },
  { kind: 'whatsapp_cloud', steps: 4, fields: WHATSAPP_CLOUD, leads: ['api_url'] },
]

export const MESSENGERS: readonly ChannelKind[] = CONNECTIONS.map((one) => one.kind)

export function connectionOf(kind: ChannelKind): Connection {
  const found = CONNECTIONS.find((one) => one.kind === kind)
  if (!found) throw new Error(`no messenger is called ${kind}`)
  return found
}
