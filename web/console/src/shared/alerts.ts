/** What deserves a word to whom: pure rules about journal entries, the clock and one's own choices. */
import type { Entry } from '@/api/live'
import type { Id } from '@/api/schema'

export const EVENTS = ['offer', 'mention', 'assigned', 'reply', 'woken', 'failed'] as const
export type Event = (typeof EVENTS)[number]
export const WAYS = ['app', 'desktop', 'sound'] as const
export type Way = (typeof WAYS)[number]

export interface Choices {
  ways: Record<Event, Record<Way, boolean>>
  /** Local times as `HH:MM`, between which nothing sounds and nothing comes over other windows. */
  quiet: { on: boolean; from: string; to: string }
}

export interface Alert {
  event: Event
  ticket: Id | null
  /** Who did it, or who wrote, as far as the entry says. */
  name: string
  detail: string
}

export function firstChoices(): Choices {
  const all = (app: boolean, desktop: boolean, sound: boolean): Record<Way, boolean> => ({ app, desktop, sound })
  return {
    ways: {
      // An offer has its own card on every page: a second word in the window would be noise.
      offer: all(false, true, true),
      mention: all(true, true, false),
      assigned: all(true, true, false),
      reply: all(true, true, false),
      woken: all(true, false, false),
      failed: all(true, true, false),
    },
    quiet: { on: false, from: '20:00', to: '08:00' },
  }
}

const minutes = (time: string): number => {
  const [hours = 0, rest = 0] = time.split(':').map(Number)
  return hours * 60 + rest
}

/** Whether it is quiet now; a span that ends before it begins goes over midnight. */
export function isQuiet(quiet: Choices['quiet'], now: Date): boolean {
  if (!quiet.on || quiet.from === quiet.to) return false
  const [from, to, at] = [minutes(quiet.from), minutes(quiet.to), now.getHours() * 60 + now.getMinutes()]
  return from < to ? from <= at && at < to : at >= from || at < to
}

/** What an entry means to me, if anything; what I did myself never does. */
export function alertOf(entry: Entry, me: Id): Alert | null {
  if (entry.actor_id === me) return null
  const text = (name: string): string => String(entry.data[name] ?? '')
  const about = { ticket: entry.ticket_id, name: '', detail: '' }
  const mine = entry.assignee_id === me
  switch (entry.kind) {
    case 'OfferMade':
      return entry.data['agent_id'] === me ? { ...about, event: 'offer' } : null
    case 'Mentioned':
      return { ...about, event: 'mention', name: text('by') }
    case 'TicketChanged': {
      const changes = entry.data['changes'] as Record<string, [unknown, unknown]> | undefined
      return changes?.['assignee_id']?.[1] === me ? { ...about, event: 'assigned' } : null
    }
    case 'MessageAdded':
      return mine && text('kind') === 'inbound' ? { ...about, event: 'reply', name: text('author_name'), detail: text('preview') } : null
    case 'TicketWoken':
      return mine ? { ...about, event: 'woken' } : null
    case 'MessageStateChanged':
      return mine && (text('state') === 'failed' || text('state') === 'paused') ? { ...about, event: 'failed' } : null
    default:
      return null
  }
}

/** The choices kept before, with whatever is new since at its first value. */
export function readChoices(kept: string | null): Choices {
  const choices = firstChoices()
  try {
    const old = JSON.parse(kept ?? '{}') as Partial<Choices>
    for (const event of EVENTS) Object.assign(choices.ways[event], old.ways?.[event] ?? {})
    Object.assign(choices.quiet, old.quiet ?? {})
  } catch {
    // What cannot be read is as if nothing had been chosen.
  }
  return choices
}
