/** Putting messages of a thread together. */
import type { MessageView, Page } from '@/api/schema'

/** Both lists in order of time, each message once; what `fresh` says about a message wins. */
export function mergeById(known: MessageView[], fresh: MessageView[]): MessageView[] {
  const touched = fresh.filter((message) => !same(message, known))
  if (!touched.length) return known
  const last = Date.parse(known.at(-1)?.created_at ?? '')
  if (touched.length === 1 && touched[0] && Date.parse(touched[0].created_at) > last) return [...known, touched[0]]
  const all = new Map(known.map((message) => [message.id, message]))
  for (const message of fresh) all.set(message.id, message)
  return [...all.values()]
    .map((message) => ({ message, at: Date.parse(message.created_at) }))
    .sort((one, other) => one.at - other.at || (one.message.id < other.message.id ? -1 : 1))
    .map(({ message }) => message)
}

/** Whether it is known just as it is: then nothing that shows it need be drawn anew. */
function same(message: MessageView, known: MessageView[]): boolean {
  const before = known.findLast((one) => one.id === message.id)
  return before !== undefined && JSON.stringify(before) === JSON.stringify(message)
}

/** Whether a page of the newest messages leaves no gap after those that are known. */
export function followsOn(known: MessageView[], page: Page<MessageView>): boolean {
  if (page.next === null) return true
  const ids = new Set(known.slice(-page.items.length).map((message) => message.id))
  return page.items.some((message) => ids.has(message.id))
}

const BUTTONS = /(?:\s*\[\[[^[\]\n]{1,60}\]\])+\s*$/

/** A text of ours without the quick replies at its end, and their words. */
export function withButtons(text: string): { text: string; buttons: string[] } {
  const tail = BUTTONS.exec(text)
  if (!tail) return { text, buttons: [] }
  return { text: text.slice(0, tail.index), buttons: [...tail[0].matchAll(/\[\[(.+?)\]\]/g)].map((found) => (found[1] ?? '').trim()) }
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
