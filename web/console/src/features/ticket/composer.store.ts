/** The answer being written on a ticket: its words, its readers, its files, and what happens when it is sent. */
import { computed, reactive, ref } from 'vue'
import { serverNow } from '@/api/client'
import type { AttachmentView, Id, NewMessage, PreviewBody, ReplyPlan, TicketStatus } from '@/api/schema'
import { fetchPlan } from '@/api/tickets'
import { calmly } from '@/shared/calmly'
import { errorText } from '@/shared/error-text'
import { onEntry } from '@/shared/stores/live.store'
import { useSession } from '@/shared/stores/session.store'
import { uuid7 } from '@/shared/uuid7'
import { useDrafts } from './drafts.store'
import { isBlank, mentionsIn, sameWords, type LocalDraft } from './draft'
import { perTicket } from './per-ticket'
import { useRecipients } from './recipients.store'
import { useTicket } from './ticket.store'
import type { Unsent } from './unsent'
import { useUnsent, type Fate } from './unsent.store'

/** When an answer leaves, if not now, and whether it pauses for the client. */
export interface Later {
  at: string
  yields: boolean
}

export type Sent = 'sent' | 'waits' | 'conflict' | 'failed'

export const useComposer = perTicket((about: Id) => {
  const ticket = useTicket(about)
  const session = useSession()
  const unsent = useUnsent()
  const drafts = useDrafts(about)
  const recipients = useRecipients(about)
  const plan = ref<ReplyPlan | null>(null)
  const sending = ref(false)
  const problem = ref('')
  /** Counts up when the editor must take the focus. */
  const focusWish = ref(0)
  /** A wish made before the editor was there is fulfilled when it comes. */
  const wantsFocus = ref(false)
  /** The last try whose fate is unknown: the same words again go under the same id, so they cannot arrive twice. */
  let doubtful: NewMessage | null = null
  const undoable = reactive(new Map<Id, { html: string; kind: 'reply' | 'note'; attachments: AttachmentView[] }>())

  const draft = computed(() => drafts.draft)
  const empty = computed(() => isBlank(drafts.draft.html) && drafts.draft.attachments.length === 0)

  async function loadPlan(): Promise<void> {
    const answer = await fetchPlan(about).catch(() => null)
    plan.value = answer
    recipients.follow(answer)
  }

  function focusAs(kind: 'reply' | 'note'): void {
    if (drafts.draft.kind !== kind) drafts.change({ kind })
    wantsFocus.value = true
    focusWish.value++
  }

  function body(id: Id, status: TicketStatus | null, after: Id | null, later: Later | null): NewMessage {
    const { html, kind, attachments, articles } = drafts.draft
    const answer = kind === 'reply'
    return {
      id,
      kind,
      html,
      account_id: answer ? recipients.chosenRoute : null,
      to: answer ? recipients.toBody() : null,
      cc: answer ? recipients.ccBody() : [],
      attachment_ids: attachments.map((one) => one.id),
      article_ids: answer ? articles : [],
      mentions: answer ? [] : mentionsIn(html),
      set_status: status,
      after_message_id: answer ? after : null,
      ...(answer && later ? { send_at: later.at, unless_client_writes: later.yields } : {}),
    }
  }

  function nextMessage(status: TicketStatus | null, after: Id | null, later: Later | null): NewMessage {
    const message = body(uuid7(), status, after, later)
    return doubtful && sameWords(doubtful, message) ? { ...message, id: doubtful.id } : message
  }

  /** Shows the message at once and sends it; without a line it waits, refused its words come back. */
  async function send(status: TicketStatus | null, later: Later | null = null): Promise<Sent> {
    if (session.me === null || empty.value || sending.value) return 'failed'
    const message = nextMessage(status, ticket.lastInbound?.id ?? null, later)
    doubtful = null
    const kept = { ...drafts.draft }
    sending.value = true
    problem.value = ''
    drafts.clearWords()
    const at = new Date(serverNow()).toISOString()
    const fate = await unsent.send({ about, message, kept, channel: recipients.channel, at, waits: false, refusal: '', reason: '' })
    sending.value = false
    return settle(message, kept, fate)
  }

  async function settle(message: NewMessage, kept: LocalDraft, fate: Fate): Promise<Sent> {
    if (fate === 'sent' || fate === 'waits') {
      undoable.set(message.id, kept)
      recipients.reset()
      if (fate === 'sent') void ticket.load()
      return fate
    }
    drafts.restore(kept)
    if (fate.status >= 500) doubtful = message
    if (fate.code === 'conflict') {
      await ticket.load()
      return 'conflict'
    }
    problem.value = errorText(fate)
    return 'failed'
  }

  /** Back into the editor, before what was written since; should a try have arrived all the same, its id is known. */
  function takeBack(one: Unsent): void {
    unsent.drop(one.message.id)
    const now = drafts.draft
    const attachments = [...new Map([...one.kept.attachments, ...now.attachments].map((file) => [file.id, file])).values()]
    const articles = [...new Set([...one.kept.articles, ...now.articles])]
    doubtful = one.message
    drafts.change({ html: isBlank(now.html) ? one.kept.html : one.kept.html + now.html, kind: one.kept.kind, attachments, articles })
    wantsFocus.value = true
    focusWish.value++
  }

  const previewBody = (): PreviewBody => ({
    html: drafts.draft.html,
    account_id: recipients.chosenRoute,
    to: recipients.toBody(),
    cc: recipients.ccBody(),
    attachment_ids: drafts.draft.attachments.map((one) => one.id),
  })

  async function undo(id: Id): Promise<void> {
    await ticket.undo(id)
    const kept = undoable.get(id)
    undoable.delete(id)
    if (kept && empty.value) drafts.change({ ...kept })
    wantsFocus.value = true
    focusWish.value++
  }

  /** After the words themselves, which somebody waits for. */
  const planSoon = calmly(() => void loadPlan(), 1_500, 400)
  onEntry(['MessageAdded'], (entry) => {
    if (entry.ticket_id === about && entry.data['kind'] === 'inbound') planSoon()
  })
  void loadPlan()

  return { plan, sending, problem, focusWish, wantsFocus, draft, empty, focusAs, send, takeBack, undo, loadPlan, previewBody }
})
