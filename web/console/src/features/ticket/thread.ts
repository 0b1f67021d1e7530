/** Putting messages of a thread together. */
import type { MessageView } from '@/api/schema'

/** Both lists in order of time, each message once; what `fresh` says about a message wins. */
export function mergeById(known: MessageView[], fresh: MessageView[]): MessageView[] {
  const all = new Map(known.map((message) => [message.id, message]))
  for (const message of fresh) all.set(message.id, message)
  return [...all.values()]
    .map((message) => ({ message, at: Date.parse(message.created_at) }))
    .sort((one, other) => one.at - other.at || (one.message.id < other.message.id ? -1 : 1))
    .map(({ message }) => message)
}

export interface Part {
  number: number
  messages: MessageView[]
}

const IN_A_PART = 25

/** The thread in parts, counted from the message `first`, so that what comes before or after it leaves them as they are. */
export function inParts(messages: MessageView[], first: string | undefined): Part[] {
  const zero = Math.max(0, messages.findIndex((message) => message.id === first))
  const parts = new Map<number, MessageView[]>()
  messages.forEach((message, index) => {
    const number = Math.floor((index - zero) / IN_A_PART)
    const part = parts.get(number)
    if (part) part.push(message)
    else parts.set(number, [message])
  })
  return [...parts].map(([number, held]) => ({ number, messages: held }))
}

export interface Piece {
  text: string
  href?: string
}

const LINK = /\bhttps?:\/\/[^\s<>"'`]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/giu

/** Splits plain text into words and the addresses in it, for rendering without HTML. */
export function linkify(text: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const match of text.matchAll(LINK)) {
    const found = match[0].replace(/[.,;:!?)\]}]+$/u, '')
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) })
    pieces.push({ text: found, href: found.includes('://') ? found : `mailto:${found}` })
    from = match.index + found.length
  }
  if (from < text.length) pieces.push({ text: text.slice(from) })
  return pieces
}

/** Height in pixels at which a mail of this text is probably readable without scrolling. */
export function guessHeight(text: string): number {
  const lines = text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 78)), 0)
  return Math.max(96, Math.min(420, 40 + lines * 22))
}
