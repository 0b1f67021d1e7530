/** Speaks first when a rule is met: at most once on a page, and each rule once for a visitor. */

import type { Memory } from './storage'
import type { State, Store } from './store'
import type { Greeting } from './types'

const LOOK_MS = 1_000

export class Greeter {
  private timer: ReturnType<typeof setInterval> | undefined
  private returning = false
  private address = ''
  private seconds = 0

  constructor(
    private readonly store: Store,
    private readonly memory: Memory,
  ) {}

  start(): void {
    if (!this.store.state.info.greetings.length) return
    this.returning = this.memory.noted('visited')
    this.timer = setInterval(() => this.look(), LOOK_MS)
  }

  stop(): void {
    clearInterval(this.timer)
  }

  private look(): void {
    const { state } = this.store
    if (state.open) return this.stop()
    if (document.visibilityState === 'hidden') return
    const address = location.origin + location.pathname
    this.seconds = address === this.address ? this.seconds + 1 : 1
    this.address = address
    if (!welcome(state)) return
    const rule = state.info.greetings.find((one) => this.meets(one))
    if (!rule) return
    this.stop()
    this.memory.noted(`greeted:${rule.id}`)
    this.store.set({ greeting: rule })
  }

  private meets(rule: Greeting): boolean {
    if (this.seconds < rule.seconds || this.memory.has(`greeted:${rule.id}`)) return false
    if (rule.visitors !== 'all' && (rule.visitors === 'returning') !== this.returning) return false
    return matches(rule.page, this.address)
  }
}

/** Nobody is spoken to who talks with us already, whom we could not answer, or whom we may not remember. */
function welcome(state: State): boolean {
  return state.online && state.agreed && !state.messages.length && !state.pending.length && !state.greeting
}

/** `/cart*` is a path, `https://shop.example/*` an address; `*` is anything, nothing is every page. */
export function matches(pattern: string, address: string): boolean {
  if (!pattern) return true
  const shown = pattern.startsWith('/') ? new URL(address).pathname : address
  const parts = pattern.split('*')
  const [first, last] = [parts[0]!, parts[parts.length - 1]!]
  if (parts.length === 1) return shown === pattern
  if (!shown.startsWith(first) || !shown.endsWith(last) || shown.length < first.length + last.length) return false
  let from = first.length
  for (const part of parts.slice(1, -1)) {
    const at = shown.indexOf(part, from)
    if (at < 0 || at + part.length > shown.length - last.length) return false
    from = at + part.length
  }
  return true
}
