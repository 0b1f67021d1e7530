/** The list of unsent answers in this browser, in the order in which they were written. */
import type { Id, IsoTime, NewMessage } from '@/api/schema'
import type { LocalDraft } from './draft'

export interface Unsent {
  about: Id
  message: NewMessage
  /** What goes back into the editor when it is taken back. */
  kept: LocalDraft
  channel: string
  at: IsoTime
  /** A try of it, or of one before it, found no server. It may have arrived all the same: its id stays. */
  waits: boolean
  /** The code of the server's refusal, and it in words; empty while it may still be tried. */
  refusal: string
  reason: string
}

const key = (agent: Id): string => `unsent.${agent}`

export function readUnsent(agent: Id): Unsent[] {
  try {
    return JSON.parse(localStorage.getItem(key(agent)) ?? '[]') as Unsent[]
  } catch {
    return []
  }
}

/** False when this browser keeps nothing: then the list lives as long as the window. */
export function writeUnsent(agent: Id, items: Unsent[]): boolean {
  try {
    if (items.length) localStorage.setItem(key(agent), JSON.stringify(items))
    else localStorage.removeItem(key(agent))
    return true
  } catch {
    return false
  }
}
