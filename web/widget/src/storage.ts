/** What the browser remembers of a visitor: a token, what waits to be sent, how far they read. */

import type { Pending } from './types'

export type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>

const OUTBOX_MESSAGES = 50

/** Storage that lasts as long as the page, for browsers that refuse theirs. */
export function memoryShelf(): Shelf {
  const held = new Map<string, string>()
  return {
    getItem: (key) => held.get(key) ?? null,
    setItem: (key, value) => void held.set(key, value),
    removeItem: (key) => void held.delete(key),
    key: (place) => [...held.keys()][place] ?? null,
    get length() {
      return held.size
    },
  }
}

/** The browser's own storage: for good, or until the tab is closed. Nothing is written to try it. */
export function browserShelf(kind: 'local' | 'session'): Shelf {
  try {
    const shelf = kind === 'session' ? sessionStorage : localStorage
    return shelf.length >= 0 ? shelf : memoryShelf()
  } catch {
    return memoryShelf()
  }
}

/** Each waiting message lies under a key of its own: two tabs never overwrite each other's. */
export class Memory {
  private readonly prefix: string
  private shelf: Shelf

  /** With `consent` needed, nothing reaches `lasting` before it is given. */
  constructor(
    private readonly lasting: Shelf,
    publicKey: string,
    consent = false,
  ) {
    this.prefix = `cc-chat:${publicKey}:`
    this.shelf = lasting
    if (consent && !this.agreed) this.shelf = memoryShelf()
  }

  get agreed(): boolean {
    return this.read('agreed') !== null
  }

  /** From now on the browser remembers, what it has heard so far as well. */
  agree(): void {
    const held = this.keys('').map((key) => [key, this.shelf.getItem(key)] as const)
    this.shelf = this.lasting
    for (const [key, value] of held) this.write(key.slice(this.prefix.length), value)
    this.write('agreed', '1')
  }

  /** Consent was taken back: everything goes, and nothing more is kept. */
  disagree(): void {
    this.forget()
    this.shelf = memoryShelf()
  }

  /** Say whether `name` was noted before, and note it. */
  noted(name: string): boolean {
    const known = this.read(name) !== null
    this.write(name, '1')
    return known
  }

  has(name: string): boolean {
    return this.read(name) !== null
  }

  get token(): string | null {
    return this.read('token')
  }

  set token(token: string | null) {
    this.write('token', token)
  }

  get tokenKey(): string {
    return this.prefix + 'token'
  }

  pending(): Pending[] {
    const found: Pending[] = []
    for (const key of this.keys('out:')) {
      const one = decode(this.shelf.getItem(key))
      if (one) found.push(one)
      else this.shelf.removeItem(key)
    }
    return found.sort((one, other) => (one.at < other.at ? -1 : 1))
  }

  keep(message: Pending): void {
    this.write(`out:${message.id}`, JSON.stringify(message))
    const all = this.pending()
    for (const old of all.slice(0, Math.max(0, all.length - OUTBOX_MESSAGES))) this.drop(old.id)
  }

  drop(id: string): void {
    this.shelf.removeItem(`${this.prefix}out:${id}`)
  }

  /** Forget the visitor, as after signing out on a shared computer. */
  forget(): void {
    for (const key of this.keys('')) this.shelf.removeItem(key)
  }

  private keys(kind: string): string[] {
    const all = Array.from({ length: this.shelf.length }, (_, place) => this.shelf.key(place))
    return all.filter((key): key is string => key !== null && key.startsWith(this.prefix + kind))
  }

  private read(name: string): string | null {
    return this.shelf.getItem(this.prefix + name)
  }

  private write(name: string, value: string | null): void {
    try {
      if (value === null) this.shelf.removeItem(this.prefix + name)
      else this.shelf.setItem(this.prefix + name, value)
    } catch {
      // The page's quota is used up: the conversation goes on, it is only not remembered.
    }
  }
}

function decode(text: string | null): Pending | null {
  try {
    const value = JSON.parse(text ?? '') as Partial<Pending>
    if (typeof value.id !== 'string' || typeof value.text !== 'string' || typeof value.at !== 'string') return null
    return {
      id: value.id,
      text: value.text,
      at: value.at,
      files: Array.isArray(value.files) ? value.files : [],
      state: value.state === 'failed' ? 'failed' : 'waiting',
      reason: typeof value.reason === 'string' ? value.reason : '',
      conversation: typeof value.conversation === 'string' ? value.conversation : null,
      begins: typeof value.begins === 'string' ? value.begins : null,
      greeting: typeof value.greeting === 'string' ? value.greeting : '',
    }
  } catch {
    return null
  }
}
