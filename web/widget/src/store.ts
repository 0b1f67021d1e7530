/** The state of the widget in one place; whoever draws it subscribes. */

import type { Article, Case, Greeting, Message, Pending, UploadInfo, Visitor, WidgetInfo } from './types'

export interface Upload {
  key: string
  file: File
  share: number
  done: UploadInfo | null
  cancel: () => void
}

export interface State {
  info: WidgetInfo
  open: boolean
  online: boolean
  /** `idle`: nobody yet, nothing was asked of the center. */
  link: 'idle' | 'connecting' | 'up' | 'down'
  visitor: Visitor | null
  messages: Message[]
  /** The conversation began before the first message we have. */
  earlier: boolean
  cursor: number | null
  pending: Pending[]
  uploads: Upload[]
  typing: string | null
  /** Agents have seen everything up to our last message. */
  seen: boolean
  conversations: Case[]
  /** The conversation on the screen; null: the latest, or one that the next word begins. */
  current: string | null
  /** Our own number of the conversation that the next word begins. */
  begins: string | null
  /** The form was answered or is not needed. */
  introduced: boolean
  /** What we said first on this page, when a rule was met. */
  greeting: Greeting | null
  /** Something may be stored. */
  agreed: boolean
  notice: string
  view: View
  article: Article | null
}

/** What the panel shows: where one begins, one conversation, or an article. */
export type View = 'home' | 'thread' | 'article'

type Watcher = (state: State, before: State) => void

export class Store {
  private readonly watchers = new Set<Watcher>()

  constructor(public state: State) {}

  /** Hear every change; call the result to stop. */
  watch(watcher: Watcher): () => void {
    this.watchers.add(watcher)
    return () => void this.watchers.delete(watcher)
  }

  set(change: Partial<State>): void {
    const before = this.state
    this.state = { ...before, ...change }
    for (const watcher of this.watchers) watcher(this.state, before)
  }
}

export function firstState(info: WidgetInfo): State {
  return {
    info,
    open: false,
    online: info.online,
    link: 'idle',
    visitor: null,
    messages: [],
    earlier: false,
    cursor: null,
    pending: [],
    uploads: [],
    typing: null,
    seen: false,
    conversations: [],
    current: null,
    begins: null,
    introduced: info.pre_chat.name === 'off' && info.pre_chat.email === 'off',
    greeting: null,
    agreed: !info.consent,
    notice: '',
    view: 'thread',
    article: null,
  }
}
