/** One view's list of tickets: pages by cursor, changes in place, new work announced instead of pushed in. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { Entry } from '@/api/live'
import type { Id, TicketBrief } from '@/api/schema'
import { fetchTickets } from '@/api/tickets'
import { calmly } from '@/shared/calmly'
import { onEntry, onResync } from '@/shared/stores/live.store'
import { useReading } from '@/shared/stores/reading.store'

export interface View {
  view: string
  /** One or several, separated by commas. */
  status: string
  queue: Id | ''
  tag: string
}

const CHANGES = ['TicketOpened', 'TicketChanged', 'MessageAdded', 'ContactQueued', 'ContactAnswered', 'ContactEnded', 'TicketSnoozed', 'TicketWoken', 'Mentioned']

/** The same object as long as it says the same. */
function renewed(ticket: TicketBrief, now: TicketBrief | undefined): TicketBrief {
  return now && JSON.stringify(now) !== JSON.stringify(ticket) ? now : ticket
}

/** Whatever still needs somebody. */
export const LIVE = 'new,open,waiting'

export const useInbox = defineStore('inbox', () => {
  const view = ref<View>({ view: 'mine', status: LIVE, queue: '', tag: '' })
  /** Replaced, row by row, when something changes: what stays the same object need not be drawn again. */
  const tickets = shallowRef<TicketBrief[]>([])
  const next = ref<string | null>(null)
  const ready = ref(false)
  const busy = ref(false)
  const failed = ref<unknown>(null)
  /** Tickets at the top of the view which the list on screen does not show yet. */
  const fresh = ref<Set<Id>>(new Set())
  const gone = ref<Set<Id>>(new Set())
  let round = 0

  function ask(cursor: string | null): ReturnType<typeof fetchTickets> {
    const { view: name, status, queue, tag } = view.value
    return fetchTickets({ view: name, status: status || undefined, queue_id: queue || undefined, tag: tag || undefined, cursor })
  }

  async function load(): Promise<void> {
    const mine = ++round
    busy.value = true
    try {
      const page = await ask(null)
      if (mine !== round) return
      tickets.value = page.items
      next.value = page.next
      fresh.value = new Set()
      gone.value = new Set()
      ready.value = true
      failed.value = null
    } catch (error) {
      if (mine === round) failed.value = error
    } finally {
      if (mine === round) busy.value = false
    }
  }

  async function show(chosen: View): Promise<void> {
    if (ready.value && JSON.stringify(chosen) === JSON.stringify(view.value)) return
    view.value = chosen
    ready.value = false
    tickets.value = []
    await load()
  }

  async function more(): Promise<void> {
    if (next.value === null || busy.value) return
    const mine = round
    busy.value = true
    try {
      const page = await ask(next.value)
      if (mine !== round) return
      const known = new Set(tickets.value.map((ticket) => ticket.id))
      tickets.value = [...tickets.value, ...page.items.filter((ticket) => !known.has(ticket.id))]
      next.value = page.next
    } catch (error) {
      failed.value = error
    } finally {
      if (mine === round) busy.value = false
    }
  }

  /** Looks at the top of the view without moving the list: rows change in place, unknown ones are counted. */
  async function peek(): Promise<void> {
    if (!ready.value) return
    const mine = round
    const page = await ask(null).catch(() => null)
    if (page === null || mine !== round) return
    const seen = new Map(page.items.map((ticket) => [ticket.id, ticket]))
    const shown = new Set(tickets.value.map((ticket) => ticket.id))
    tickets.value = tickets.value.map((ticket) => renewed(ticket, seen.get(ticket.id)))
    const unseen = page.items.filter((ticket) => !shown.has(ticket.id))
    if (tickets.value.length === 0) tickets.value = unseen
    else fresh.value = new Set(unseen.map((ticket) => ticket.id))
    if (page.next === null) gone.value = new Set(tickets.value.filter((ticket) => !seen.has(ticket.id)).map((one) => one.id))
  }

  function put(id: Id, changes: Partial<TicketBrief>): void {
    const at = tickets.value.findIndex((ticket) => ticket.id === id)
    const row = tickets.value[at]
    if (row) tickets.value = tickets.value.with(at, { ...row, ...changes })
  }

  function applyChange(entry: Entry): void {
    const changes = entry.data['changes'] as Record<string, [unknown, unknown]> | undefined
    if (changes && entry.ticket_id) put(entry.ticket_id, Object.fromEntries(Object.entries(changes).map(([field, [, now]]) => [field, now])))
  }

  const peekSoon = calmly(() => void peek(), 1_000)
  onResync(() => void peek())
  onEntry(CHANGES, (entry) => {
    if (entry.kind === 'TicketChanged') applyChange(entry)
    peekSoon()
  })

  watch(
    () => useReading().read,
    ({ ticket }) => {
      put(ticket, { unread: 0, mentioned: false })
    },
  )

  const freshCount = computed(() => fresh.value.size)
  return { view, tickets, next, ready, busy, failed, freshCount, gone, load, show, more, peek }
})
