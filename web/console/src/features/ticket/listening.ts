/** One conversation as a supervisor hears it: asked for and followed by the journal, while nothing says that somebody looks. */
import { computed, onScopeDispose, ref } from 'vue'
import { ApiError } from '@/api/client'
import { joinContact, leaveContact, readAlong, sendWhisper } from '@/api/listening'
import type { ContactView, Id, MessageState, MessageView, TicketView } from '@/api/schema'
import { fetchMessages, fetchTicket, retryMessage, sendMessage, undoMessage } from '@/api/tickets'
import { mergeById } from './thread'
import { calmly } from '@/shared/calmly'
import { useTask } from '@/shared/composables/task'
import { toHtml } from '@/shared/plain-html'
import { onEntry, onResync } from '@/shared/stores/live.store'
import { useSession } from '@/shared/stores/session.store'
import { uuid7 } from '@/shared/uuid7'

const MATTERS = [
  'MessageAdded', 'TicketChanged', 'ContactQueued', 'ContactAnswered', 'ContactEnded', 'ContactRequeued', 'ContactReopened', 'WrapUpBegun', 'CompanionCame', 'CompanionLeft',
]

export function useListening(contactId: Id) {
  const session = useSession()
  const contact = ref<ContactView | null>(null)
  const view = ref<TicketView | null>(null)
  const messages = ref<MessageView[]>([])
  const older = ref<string | null>(null)
  /** The last try whose fate is unknown: the same words again go under the same id. */
  let doubtful: { words: string; id: Id } | null = null

  const mine = computed(() => contact.value?.companions.find((one) => one.agent_id === session.me?.agent.id) ?? null)
  const joined = computed(() => mine.value?.mode === 'joined')
  const over = computed(() => contact.value?.state !== 'active')
  const lastInbound = computed(() => messages.value.findLast((one) => one.kind === 'inbound') ?? null)

  async function loadThread(ticket: Id): Promise<void> {
    const answer = await fetchTicket(ticket)
    if (view.value === null) older.value = answer.older
    view.value = answer
    messages.value = mergeById(messages.value, answer.messages)
    if (answer.contact?.id === contactId) contact.value = answer.contact
    else if (contact.value) contact.value = { ...contact.value, state: 'closed', companions: [] }
  }

  const opening = useTask(async () => {
    contact.value = await readAlong(contactId)
    await loadThread(contact.value.ticket_id)
  })

  async function loadOlder(): Promise<void> {
    if (!contact.value || older.value === null) return
    const page = await fetchMessages(contact.value.ticket_id, older.value)
    messages.value = mergeById(page.items, messages.value)
    older.value = page.next
  }

  /** After a gap the house may have noticed that nobody listened: then it begins anew, as what it was. */
  async function again(): Promise<void> {
    if (!contact.value) return
    await loadThread(contact.value.ticket_id)
    if (!over.value && mine.value === null) contact.value = await readAlong(contactId)
  }

  async function join(): Promise<void> {
    contact.value = await joinContact(contactId)
  }

  async function stepBack(): Promise<void> {
    contact.value = await readAlong(contactId)
  }

  async function leave(): Promise<void> {
    contact.value = await leaveContact(contactId)
  }

  async function say(words: string, toClient: boolean): Promise<void> {
    if (!contact.value) return
    const html = toHtml(words.trim())
    const key = `${toClient}:${html}`
    const id = doubtful?.words === key ? doubtful.id : uuid7()
    doubtful = { words: key, id }
    try {
      const said = toClient
        ? await sendMessage(contact.value.ticket_id, { id, kind: 'reply', html, after_message_id: lastInbound.value?.id ?? null })
        : await sendWhisper(contactId, id, html)
      messages.value = mergeById(messages.value, [said])
      doubtful = null
    } catch (error) {
      if (!(error instanceof ApiError && (error.passing || error.status >= 500))) doubtful = null
      void loadThread(contact.value.ticket_id).catch(() => undefined)
      throw error
    }
  }

  async function undo(message: Id): Promise<void> {
    messages.value = mergeById(messages.value, [await undoMessage(message)])
  }

  async function retry(message: Id): Promise<void> {
    messages.value = mergeById(messages.value, [await retryMessage(message)])
  }

  const soon = calmly(() => contact.value && void loadThread(contact.value.ticket_id).catch(() => undefined), 250)
  onEntry(MATTERS, (entry) => {
    if (entry.ticket_id === contact.value?.ticket_id) soon()
  })
  onEntry(['MessageStateChanged'], (entry) => {
    const message = messages.value.find((one) => one.id === entry.data['message_id'])
    if (message) message.state = entry.data['state'] as MessageState
  })
  onResync(() => void again().catch(() => undefined))
  /** Who only read along is gone with the page; who takes part stays until they leave. */
  onScopeDispose(() => {
    if (mine.value?.mode === 'reading') void leaveContact(contactId).catch(() => undefined)
  })

  return { contact, view, messages, older, joined, over, opening, loadOlder, join, stepBack, leave, say, undo, retry }
}
