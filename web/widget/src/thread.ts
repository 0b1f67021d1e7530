/** The conversation as a list: merged, in order, without doubles, whatever arrives when. */

import type { Message, Pending } from './types'

/** Ids are UUIDv7 from the server: their order is the order of the conversation. */
export function merged(known: readonly Message[], arrived: readonly Message[]): Message[] {
  if (!arrived.length) return [...known]
  const ours = new Set(arrived.map((message) => message.client_id))
  const byId = new Map<string, Message>()
  for (const message of known) {
    if (!isStandIn(message) || !ours.has(message.client_id)) byId.set(message.id, message)
  }
  for (const message of arrived) byId.set(message.id, message)
  return [...byId.values()].sort((one, other) => (one.id < other.id ? -1 : one.id > other.id ? 1 : 0))
}

/**
 * A message of ours that the center keeps, but whose number there we have not heard yet.
 *
 * Its id sorts after everything known now and before everything that comes later.
 */
export function standIn(pending: Pending, known: readonly Message[]): Message {
  const last = known[known.length - 1]?.id ?? ''
  return {
    id: `${last}~`,
    client_id: pending.id,
    from: 'visitor',
    name: '',
    text: pending.text,
    at: pending.at,
    files: pending.files,
  }
}

export function isStandIn(message: Message): boolean {
  return message.id.includes('~')
}

/** What still waits after `messages` have shown which of ours are kept. */
export function stillPending(pending: readonly Pending[], messages: readonly Message[]): Pending[] {
  const kept = new Set(messages.map((message) => message.client_id))
  return pending.filter((one) => !kept.has(one.id))
}

/** Where to go on reading from: the newest message whose number we know. */
export function newestId(messages: readonly Message[]): string | null {
  for (let place = messages.length - 1; place >= 0; place -= 1) {
    if (!isStandIn(messages[place]!)) return messages[place]!.id
  }
  return null
}

export function newestFromAgent(messages: readonly Message[]): Message | null {
  for (let place = messages.length - 1; place >= 0; place -= 1) {
    if (messages[place]!.from === 'agent') return messages[place]!
  }
  return null
}

export function unread(messages: readonly Message[], readUpTo: string | null): number {
  return messages.filter((message) => message.from === 'agent' && (readUpTo === null || message.id > readUpTo)).length
}

/** One person's messages within five minutes stand as one group under one name. */
export function startsGroup(message: Message, before: Message | undefined): boolean {
  if (!before || before.from !== message.from || before.name !== message.name) return true
  return Date.parse(message.at) - Date.parse(before.at) > 5 * 60_000
}
