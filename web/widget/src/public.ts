/** What a page may do with the widget; see docs/channels/webchat.md. */

import type { EventName } from './chat'
import type { Mount } from './mount'
import type { Attributes } from './types'

export type Hearer = (detail: unknown) => void
export type Command = [string, ...unknown[]]

export interface PublicApi {
  open(): void
  close(): void
  toggle(): void
  /** Speak as the user whom the site's server has signed in. */
  identify(token: string): Promise<void>
  logout(): Promise<void>
  /** Tell agents facts about the visitor, as `{ plan: 'pro' }`; null takes one back. */
  setAttributes(attributes: Attributes): Promise<void>
  setLocale(locale: string): Promise<void>
  /** The visitor agreed elsewhere on the page, or took it back. */
  consent(given: boolean): Promise<void>
  /** Hear an event; call the result to stop. */
  on(event: EventName, hearer: Hearer): () => void
  /** Take the widget off the page; the script may be put in again. */
  destroy(): void
  /** Run a command that was queued before the script had loaded, as `["open"]`. */
  push(...commands: Command[]): void
}

const PLAIN = ['open', 'close', 'toggle', 'destroy'] as const
const SLOW = ['identify', 'logout', 'setAttributes', 'setLocale', 'consent'] as const

export class Hearers {
  private readonly byName = new Map<string, Set<Hearer>>()

  add(event: string, hearer: Hearer): () => void {
    const those = this.byName.get(event) ?? new Set<Hearer>()
    this.byName.set(event, those.add(hearer))
    return () => void those.delete(hearer)
  }

  /** A hearer of the page that fails keeps nobody else from hearing. */
  tell(event: string, detail: unknown): void {
    for (const hearer of this.byName.get(event) ?? []) {
      try {
        hearer(detail)
      } catch (error) {
        complain(error)
      }
    }
  }
}

export function publicApi(mount: Mount, hearers: Hearers, gone: () => void): PublicApi {
  const { chat } = mount
  const made: PublicApi = {
    open: () => chat.setOpen(true),
    close: () => chat.setOpen(false),
    toggle: () => chat.setOpen(!chat.store.state.open),
    identify: (token) => chat.identify(token),
    logout: () => chat.leave(),
    setAttributes: (attributes) => chat.setAttributes(attributes),
    setLocale: (locale) => mount.setLocale(locale),
    consent: (given) => (given ? chat.agree() : chat.disagree()),
    on: (event, hearer) => hearers.add(event, hearer),
    destroy() {
      mount.destroy()
      gone()
    },
    push(...commands) {
      for (const [name, ...given] of commands) run(made, name, given)
    },
  }
  return made
}

function run(made: PublicApi, name: string, given: unknown[]): void {
  const plain = PLAIN.find((one) => one === name)
  const slow = SLOW.find((one) => one === name)
  if (plain) made[plain]()
  else if (slow) (made[slow] as (...all: unknown[]) => Promise<void>)(...given).catch(complain)
  else if (name === 'on') made.on(given[0] as EventName, given[1] as Hearer)
  else complain(`there is no command “${name}”`)
}

export function complain(error: unknown): void {
  console.warn('contact-center-chat:', error instanceof Error ? error.message || error : error)
}
