/** Finds its own script tag, asks the center how to look, and stands ready on the page. */

import { Api } from './api'
import { Chat, type EventName } from './chat'
import { firstState, Store } from './store'
import { browserShelf, Memory } from './storage'
import { WidgetView } from './view/widget'
import { wordsFor } from './words'

type Hearer = (detail: unknown) => void

/** What a page may do with the widget; see docs/channels/webchat.md. */
export interface PublicApi {
  open(): void
  close(): void
  toggle(): void
  identify(token: string): Promise<void>
  logout(): Promise<void>
  /** Hear `open`, `close`, `message`, `sent` or `unread`; call the result to stop. */
  on(event: EventName, hearer: Hearer): () => void
  /** Run a command that was queued before the script had loaded, as `["open"]`. */
  push(command: [string, ...unknown[]]): void
}

declare global {
  interface Window {
    contactCenter?: PublicApi | [string, ...unknown[]][]
  }
}

const NAME = 'contact-center-chat'

async function begin(script: HTMLScriptElement): Promise<void> {
  const key = script.dataset['key']
  if (!key || !/^[\w-]{1,64}$/.test(key)) throw new Error('the script tag needs data-key="…"')
  const api = new Api(new URL(script.src).origin, key)
  const info = await api.widget(wanted(script))
  const words = wordsFor(info.locale)
  const store = new Store(firstState(info))
  const hearers = new Map<EventName, Set<Hearer>>()
  const shelf = browserShelf()
  const memory = new Memory(shelf, key)
  const chat = new Chat(api, memory, store, words, (event, detail) => {
    for (const hearer of hearers.get(event) ?? []) hearer(detail)
  })
  await pageReady()
  if (document.querySelector(NAME)) return
  document.body.append(new WidgetView(chat, words, script.nonce ?? '').host)
  listen(chat, memory)
  chat.start()
  announce(publicApi(chat, hearers))
}

function publicApi(chat: Chat, hearers: Map<EventName, Set<Hearer>>): PublicApi {
  const made: PublicApi = {
    open: () => chat.setOpen(true),
    close: () => chat.setOpen(false),
    toggle: () => chat.setOpen(!chat.store.state.open),
    identify: (token) => chat.identify(token),
    logout: () => chat.leave(),
    on(event, hearer) {
      const those = hearers.get(event) ?? new Set<Hearer>()
      hearers.set(event, those.add(hearer))
      return () => void those.delete(hearer)
    },
    push([name, ...given]) {
      if (name === 'open' || name === 'close' || name === 'toggle') made[name]()
      else if (name === 'identify') void made.identify(String(given[0])).catch(complain)
      else if (name === 'logout') void made.logout()
      else if (name === 'on') made.on(given[0] as EventName, given[1] as Hearer)
    },
  }
  return made
}

function announce(made: PublicApi): void {
  const queued = window.contactCenter
  window.contactCenter = made
  if (Array.isArray(queued)) for (const command of queued) made.push(command)
  document.dispatchEvent(new CustomEvent(`${NAME}:ready`))
}

function listen(chat: Chat, memory: Memory): void {
  addEventListener('online', () => chat.wake())
  document.addEventListener('visibilitychange', () => chat.wake())
  addEventListener('storage', (event) => {
    if (event.key === memory.tokenKey || event.key === null) chat.tokenChanged()
  })
}

function wanted(script: HTMLScriptElement): string[] {
  return [script.dataset['locale'], document.documentElement.lang, ...navigator.languages].filter((one): one is string => Boolean(one))
}

function pageReady(): Promise<void> {
  if (document.readyState !== 'loading') return Promise.resolve()
  return new Promise((resolve) => document.addEventListener('DOMContentLoaded', () => resolve(), { once: true }))
}

function complain(error: unknown): void {
  console.warn(`${NAME}:`, error instanceof Error ? error.message || error : error)
}

const own = document.currentScript
if (own instanceof HTMLScriptElement) void begin(own).catch(complain)
