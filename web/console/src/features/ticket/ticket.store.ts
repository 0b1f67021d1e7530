/** One open ticket: its head, its thread, who else is here. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { ApiError } from '@/api/client'
import type { Id, MessageState, MessageView, TicketBrief, TicketPatch, TicketView } from '@/api/schema'
import { changeTicket, fetchMessages, fetchNewest, fetchTicket, retryMessage, undoMessage } from '@/api/tickets'
import { calmly } from '@/shared/calmly'
import { named } from '@/shared/naming'
import { onEntry, onResync, onTyping, onViewing } from '@/shared/stores/live.store'
import { useSession } from '@/shared/stores/session.store'
import { perTicket } from './per-ticket'
import { optimistic } from './optimistic'
import { followsOn, mergeById } from './thread'
import { useUnsent } from './unsent.store'

const MATTERS = [
  'TicketChanged', 'TicketSnoozed', 'TicketWoken', 'TicketLinkedArticle', 'TicketRated', 'ContactQueued', 'OfferMade', 'OfferEnded', 'ContactAnswered',
  'ContactEnded', 'ContactRequeued', 'QueueChosen', 'ContactReopened', 'WrapUpBegun', 'ClientChanged', 'ClientsMerged', 'MergeUndone',
  'CompanionCame', 'CompanionLeft', 'CallbackAsked', 'CallbackCancelled',
]

/** More than come in one moment. */
const NEWEST = 10
/** What a message changes besides the thread (the ticket's version, a client's new name) has time. */
const REST_MS = 2_000

/** Whoever has not repeated it for this long has stopped typing. */
const TYPING_MS = 8_000

export const useTicket = perTicket((id: Id) => {
  const view = ref<TicketView | null>(null)
  const loaded = shallowRef<MessageView[]>([])
  const older = ref<string | null>(null)
  const failed = ref<unknown>(null)
  const viewers = ref<{ id: Id; name: string }[]>([])
  const typists = ref<Map<string, string>>(new Map())
  const typingEnds = new Map<string, ReturnType<typeof setTimeout>>()
  const session = useSession()
  const unsent = useUnsent()
  /** What the server has, and after it what is still on its way there. */
  const messages = computed(() => {
    const me = session.me?.agent
    const mine = me ? unsent.of(id).map((one) => optimistic(one, me)) : []
    return mine.length ? mergeById(mine, loaded.value) : loaded.value
  })

  async function load(): Promise<void> {
    try {
      const answer = await fetchTicket(id)
      if (view.value === null) older.value = answer.older
      view.value = answer
      clearTimeout(rest)
      rest = undefined
      loaded.value = mergeById(loaded.value, answer.messages)
      failed.value = null
    } catch (error) {
      failed.value = error
    }
  }

  /** What was just said: the rest of the ticket need not be asked for to show it. */
  async function loadNewest(): Promise<void> {
    const page = await fetchNewest(id, NEWEST).catch(() => null)
    if (page === null || !followsOn(loaded.value, page)) return load()
    loaded.value = mergeById(loaded.value, page.items)
  }

  async function loadOlder(): Promise<void> {
    if (older.value === null) return
    const page = await fetchMessages(id, older.value)
    loaded.value = mergeById(page.items, loaded.value)
    older.value = page.next
  }

  async function patch(changes: Omit<TicketPatch, 'version'>): Promise<void> {
    const now = view.value
    if (now === null) return
    try {
      await change(now.ticket, changes)
    } catch (error) {
      await load()
      const fresh = view.value?.ticket
      const elsewhere = error instanceof ApiError && error.code === 'conflict' && fresh?.id === now.ticket.id
      if (!elsewhere || !untouched(now.ticket, fresh, changes)) throw error
      await change(fresh, changes)
    }
  }

  async function change(now: TicketBrief, changes: Omit<TicketPatch, 'version'>): Promise<void> {
    const ticket = await changeTicket(now.id, { version: now.version, ...changes })
    if (view.value?.ticket.id === ticket.id) view.value.ticket = ticket
  }

  /** My own answer, or a colleague's other change, came between: these fields are as I saw them, unless a word of ours opened it. */
  function untouched(seen: TicketBrief, fresh: TicketBrief, changes: Omit<TicketPatch, 'version'>): boolean {
    return Object.keys(changes).every((name) => {
      const field = name as keyof TicketBrief
      const opened = field === 'status' && seen.status === 'new' && fresh.status === 'open'
      return opened || JSON.stringify(seen[field]) === JSON.stringify(fresh[field])
    })
  }

  function put(message: MessageView): void {
    if (message.ticket_id === id) loaded.value = mergeById(loaded.value, [message])
  }

  const undo = async (message: Id): Promise<void> => put(await undoMessage(message))
  const retry = async (message: Id): Promise<void> => put(await retryMessage(message))

  const loadSoon = calmly(() => void load(), 250)
  const newestSoon = calmly(() => void loadNewest(), 100, 0)
  let rest: ReturnType<typeof setTimeout> | undefined
  onScopeDispose(() => clearTimeout(rest))

  function hearMessage(): void {
    newestSoon()
    // Words of a client wake a ticket that was waiting or solved.
    if (view.value === null || ['waiting', 'solved', 'closed'].includes(view.value.ticket.status)) return loadSoon()
    rest ??= setTimeout(() => ((rest = undefined), void load()), REST_MS)
  }

  onResync(loadSoon)
  onEntry(['MessageAdded'], (entry) => {
    if (entry.ticket_id === id) hearMessage()
  })
  onEntry(MATTERS, (entry) => {
    if (entry.ticket_id === id || (entry.client_id !== null && entry.client_id === view.value?.client.id)) loadSoon()
  })
  onEntry(['MessageStateChanged'], (entry) => {
    const message = loaded.value.find((one) => one.id === entry.data['message_id'])
    if (message) put({ ...message, state: entry.data['state'] as MessageState, state_reason: String(entry.data['reason'] ?? '') })
  })
  onViewing((frame) => {
    if (frame.ticket_id === id) viewers.value = frame.agents.filter((one) => one.id !== session.me?.agent.id)
  })
  onTyping((frame) => {
    if (frame.ticket_id !== id || frame.agent_id === session.me?.agent.id) return
    const key = frame.agent_id ?? 'client'
    clearTimeout(typingEnds.get(key))
    if (!frame.typing) return void typists.value.delete(key)
    typists.value.set(key, named(frame.name || (view.value?.client.name ?? '')))
    typingEnds.set(key, setTimeout(() => typists.value.delete(key), TYPING_MS))
  })

  const lastInbound = computed(() => messages.value.findLast((message) => message.kind === 'inbound') ?? null)
  const newest = computed(() => messages.value.at(-1) ?? null)

  watch(() => unsent.delivered, (message) => message && put(message), { flush: 'sync' })
  void load()

  return {
    id, view, messages, older, failed, viewers, typists, lastInbound, newest,
    load, loadOlder, patch, put, undo, retry,
  }
})
