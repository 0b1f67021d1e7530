/** The conversation as a list: merged, in order, without doubles, whatever arrives when. */

import type { Message, Pending } from './types'

/**
 * In the order in which the center let them go: an answer that was held back for a moment stands
 * after what we wrote meanwhile, as everybody saw it.
 */
export function merged(known: readonly Message[], arrived: readonly Message[]): Message[] {
  if (!arrived.length) return [...known]
  const ours = new Set(arrived.map((message) => message.client_id))
  const byId = new Map<string, Message>()
  for (const message of known) {
    if (!isStandIn(message) || !ours.has(message.client_id)) byId.set(message.id, message)
  }
  const kept = new Set([...byId.values()].map((message) => message.client_id))
  for (const message of arrived) {
    // What we have read here is not unread again because the center has not heard of it yet.
    const read = message.read || Boolean(byId.get(message.id)?.read)
    if (!isStandIn(message) || !kept.has(message.client_id)) byId.set(message.id, { ...message, read })
  }
  return [...byId.values()].sort(inOrder)
}

/** A message of ours that the center keeps, but whose number there we have not heard yet. */
export function standIn(pending: Pending, at: string): Message {
  const { text, files, conversation } = pending
  return { id: `~${pending.id}`, client_id: pending.id, from: 'visitor', name: '', text, conversation, read: true, choices: [], at, files }
}

export function isStandIn(message: Message): boolean {
  return message.id.startsWith('~')
}

function inOrder(one: Message, other: Message): number {
  return Date.parse(one.at) - Date.parse(other.at) || (one.id < other.id ? -1 : 1)
}

/** What still waits after `messages` have shown which of ours are kept. */
export function stillPending(pending: readonly Pending[], messages: readonly Message[]): Pending[] {
  const kept = new Set(messages.map((message) => message.client_id))
  return pending.filter((one) => !kept.has(one.id))
}

/** The first message whose number we know: what came before it is asked for by that number. */
export function oldestId(messages: readonly Message[]): string | null {
  return messages.find((message) => !isStandIn(message))?.id ?? null
}

export function newestFromAgent(messages: readonly Message[]): Message | null {
  for (let place = messages.length - 1; place >= 0; place -= 1) {
    if (messages[place]!.from === 'agent') return messages[place]!
  }
  return null
}

export function unread(messages: readonly Message[]): number {
  return messages.filter((message) => !message.read).length
}

/** What belongs on the screen of one conversation; null is the latest, of which more is not known. */
export function within<T extends { conversation: string | null }>(all: readonly T[], current: string | null): T[] {
  return all.filter((one) => one.conversation === current)
}

/** Give what had no number yet the one that turned out to be its conversation's. */
export function named<T extends { conversation: string | null }>(all: readonly T[], conversation: string): T[] {
  return all.map((one) => (one.conversation === null ? { ...one, conversation } : one))
}

/** One person's messages within five minutes stand as one group under one name. */
export function startsGroup(message: Message, before: Message | undefined): boolean {
  if (!before || before.from !== message.from || before.name !== message.name) return true
  return Date.parse(message.at) - Date.parse(before.at) > 5 * 60_000
}
