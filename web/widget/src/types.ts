/** What crosses the line between the widget and the center; field names are the server's. */

export interface FileInfo {
  id: string
  name: string
  media_type: string
  size: number
  /** The server sniffed a safe picture: it may be drawn. */
  image: boolean
}

export interface Message {
  id: string
  /** The id that the writing browser chose; absent on what agents wrote. */
  client_id: string | null
  from: 'visitor' | 'agent'
  name: string
  text: string
  /** Which conversation it belongs to; null: the latest, whose number we have not heard yet. */
  conversation: string | null
  /** We have read it, in whichever browser; always so of our own. */
  read: boolean
  /** Words that an agent offers as answers. */
  choices: string[]
  at: string
  files: FileInfo[]
}

export interface Case {
  id: string
  at: string
  /** An agent has settled it: it may be rated, and goes on when we write again. */
  ended: boolean
  rating: number | null
  /** Our first words there; only where the list was asked for. */
  title: string
}

export interface ArticleFound {
  slug: string
  title: string
  excerpt: string
}

/** What an article shows, as names of elements and texts: nothing is ever parsed here. */
export type Tree = string | { tag: string; href?: string; children?: Tree[] }

export interface Article {
  slug: string
  title: string
  locale: string
  body: Tree[]
  url: string
}

export type Need = 'off' | 'optional' | 'required'

export interface Launcher {
  icon: 'chat' | 'question' | 'mail' | 'hand'
  text: string
  /** CSS pixels from the edge and the foot of the page. */
  side: number
  bottom: number
}

/** Something said first to a visitor, when its rule is met. */
export interface Greeting {
  id: string
  page: string
  seconds: number
  visitors: 'all' | 'new' | 'returning'
  text: string
  choices: string[]
}

export interface WidgetInfo {
  title: string
  greeting: string
  greeting_choices: string[]
  placeholder: string
  offline: string
  colour: string
  colour_dark: string
  theme: 'auto' | 'light' | 'dark'
  position: 'right' | 'left'
  launcher: Launcher
  locale: string
  online: boolean
  identity_required: boolean
  pre_chat: { name: Need; email: Need }
  /** An answer can follow by mail when the visitor has left. */
  continues_by_mail: boolean
  upload: { bytes: number; per_message: number }
  text_chars: number
  articles: boolean
  greetings: Greeting[]
  /** What must be agreed to before anything is stored. */
  consent: { text: string; url: string } | null
  storage: 'local' | 'session'
  /** Ask how the help was. */
  rating: boolean
}

export type Attributes = Record<string, string | number | boolean | null>

export interface Visitor {
  id: string
  name: string
  email: string
  verified: boolean
}

export interface SessionInfo {
  token: string
  visitor: Visitor
  messages: Message[]
  /** The one last spoken in first. */
  conversations: Case[]
  /** Where to go on reading from; only the center knows what it means. */
  cursor: number
  /** There is more before the first of `messages`. */
  earlier: boolean
  online: boolean
}

export interface UploadInfo {
  id: string
  name: string
  media_type: string
  size: number
  image: boolean
}

/** A message of ours that the center has not yet said it keeps. */
export interface Pending {
  id: string
  text: string
  files: FileInfo[]
  at: string
  state: 'waiting' | 'failed'
  reason: string
  /** The conversation it is for; null: the latest. */
  conversation: string | null
  /** Our own number of the conversation that it begins, or that its first message has begun. */
  begins: string | null
  /** The rule whose greeting it answers. */
  greeting: string
}

export type Frame =
  | { type: 'welcome'; visitor: Visitor; messages: Message[]; conversations: Case[]; cursor: number; earlier: boolean; online: boolean }
  | { type: 'ack'; id: string; at: string; conversation: string | null }
  | { type: 'conversation'; conversation: Case }
  | { type: 'refused'; id: string | null; error: string; message: string; retry: boolean }
  | { type: 'message'; message: Message; cursor: number }
  | { type: 'typing'; name: string; typing: boolean }
  | { type: 'seen' }
  | { type: 'status'; online: boolean }
  | { type: 'pong' }
  | { type: 'bye' }
