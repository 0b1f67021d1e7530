/** What tells an agent, as it comes over the wire, and how an older console's own choices move to the server. */
import type { Entry } from '@/api/live'
import { EVENTS, type Choices, type Event, type NotificationView, type Way } from '@/api/notifications'
import type { Id } from '@/api/schema'

export interface Alert {
  event: Event
  ticket: Id | null
  /** Who did it, or who wrote. */
  name: string
  detail: string
  /** What is left of the chosen ways now: the server knows the quiet hours. */
  ways: Way[]
}

export function alertOf(entry: Entry): Alert {
  const { event, name, detail, ways } = entry.data as unknown as Omit<Alert, 'ticket'>
  return { event, name, detail, ways, ticket: entry.ticket_id }
}

/** Where an event without a ticket leads. */
export function placeOf(event: Event, ticket: Id | null): { name: string; params?: { ticketId: Id } } {
  if (ticket !== null) return { name: 'ticket', params: { ticketId: ticket } }
  return { name: event === 'dead_letter' ? 'dead-letters' : event === 'spending' ? 'messengers' : 'work' }
}

/** What stands together in the list: everything about one ticket, the newest first. */
export interface Told {
  newest: NotificationView
  earlier: NotificationView[]
}

/** By ticket, each where its newest stands; what is about no ticket stands alone. */
export function byTicket(items: NotificationView[]): Told[] {
  const found = new Map<Id, Told>()
  for (const one of items) {
    const known = found.get(one.ticket?.id ?? one.id)
    if (known) known.earlier.push(one)
    else found.set(one.ticket?.id ?? one.id, { newest: one, earlier: [] })
  }
  return [...found.values()]
}

interface Kept {
  ways?: Partial<Record<Event, Partial<Record<Way, boolean>>>>
  quiet?: { on?: boolean; from?: string; to?: string }
}

/** The usual choices with what this browser kept before the server did, in the browser's time zone. */
export function movedChoices(usual: Choices, kept: string | null, timezone: string): Choices {
  const choices = { ...(JSON.parse(JSON.stringify(usual)) as Choices), timezone }
  try {
    const old = JSON.parse(kept ?? '{}') as Kept
    for (const event of EVENTS) Object.assign(choices.ways[event], old.ways?.[event] ?? {})
    const { on, from, to } = old.quiet ?? {}
    choices.quiet = { on: on ?? choices.quiet.on, starts: from || choices.quiet.starts, ends: to || choices.quiet.ends }
  } catch {
    // What cannot be read is as if nothing had been chosen.
  }
  return choices
}
