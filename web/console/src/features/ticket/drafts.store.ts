/** The draft of a ticket: here at once, on the server a moment later, back after anything. */
import { computed, onScopeDispose, ref, watch } from 'vue'
import { ApiError } from '@/api/client'
import type { AttachmentView, DraftView, Id } from '@/api/schema'
import { dropDraft, fetchDraft, saveDraft } from '@/api/tickets'
import { useSession } from '@/shared/stores/session.store'
import { dropLocal, isBlank, readLocal, writeLocal, type LocalDraft } from './draft'
import { perTicket } from './per-ticket'
import { useUnsent } from './unsent.store'

const SAVE_AFTER_MS = 900
const RETRY_AFTER_MS = 8_000

function blank(): LocalDraft {
  return { html: '', kind: 'reply', attachments: [], articles: [], version: 0, unsaved: false }
}

export const useDrafts = perTicket((about: Id) => {
  const session = useSession()
  const unsent = useUnsent()
  const draft = ref<LocalDraft>(blank())
  /** Words of another device that meet words of this one; the person decides. */
  const rival = ref<DraftView | null>(null)
  /** Counts up when the words were changed by something else than the editor. */
  const replaced = ref(0)
  const savedAt = ref<string | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let ended = false

  const me = (): Id => session.me?.agent.id ?? 'nobody'

  function unnamed(ids: Id[]): AttachmentView[] {
    return ids.map((id) => ({ id, name: id.slice(0, 8), media_type: '', size: 0, inline: false, content_id: null, url: `/api/v1/attachments/${id}` }))
  }

  function take(server: DraftView, local: LocalDraft | null): void {
    const known = new Map((local?.attachments ?? []).map((one) => [one.id, one]))
    const attachments = unnamed(server.attachment_ids).map((one) => known.get(one.id) ?? one)
    draft.value = { html: server.html, kind: server.kind, attachments, articles: local?.articles ?? [], version: server.version, unsaved: false }
    savedAt.value = server.updated_at
  }

  async function open(): Promise<void> {
    const local = readLocal(me(), about)
    draft.value = local ?? blank()
    const server = await fetchDraft(about).catch(() => null)
    if (server === null || server.version === 0) {
      if (local !== null) draft.value.version = 0
    } else if (draft.value.unsaved && !isBlank(draft.value.html)) {
      if (server.html === draft.value.html) draft.value.version = server.version
      else if (server.version !== draft.value.version) rival.value = server
    } else if (unsent.of(about).some((one) => one.kept.html === server.html)) {
      // These words are on their way already.
      draft.value.version = server.version
    } else {
      take(server, local)
      replaced.value++
    }
    if (draft.value.unsaved && rival.value === null) later(SAVE_AFTER_MS)
  }

  function later(wait: number): void {
    clearTimeout(timer)
    if (!ended) timer = setTimeout(() => void save(), wait)
  }

  function change(changes: Partial<LocalDraft>, fromEditor = false): void {
    // In place: who shows the files has nothing to do when a letter was typed.
    Object.assign(draft.value, changes, { version: draft.value.version, unsaved: true })
    writeLocal(me(), about, draft.value)
    if (!fromEditor) replaced.value++
    later(SAVE_AFTER_MS)
  }

  async function save(): Promise<void> {
    if (rival.value !== null || !draft.value.unsaved) return
    const { html, kind, attachments, version } = draft.value
    try {
      const answer = await saveDraft(about, { html, kind, attachment_ids: attachments.map((one) => one.id), version })
      draft.value.version = answer.version
      draft.value.unsaved = draft.value.html !== html
      savedAt.value = answer.updated_at
      if (draft.value.unsaved) later(SAVE_AFTER_MS)
    } catch (error) {
      if (error instanceof ApiError && error.code === 'conflict') await meet()
      else if (error instanceof ApiError && error.passing) later(RETRY_AFTER_MS)
    }
    keep()
  }

  /** Another device wrote, or an earlier console of this one did and its words are these. */
  async function meet(): Promise<void> {
    const theirs = await fetchDraft(about).catch(() => null)
    if (theirs?.html !== draft.value.html) return void (rival.value = theirs)
    draft.value.version = theirs.version
    draft.value.unsaved = false
  }

  /** Once the ticket is shown no more, its copy here may already be that of its next showing. */
  function keep(): void {
    const local = ended ? readLocal(me(), about) : draft.value
    if (local?.html === draft.value.html) writeLocal(me(), about, draft.value)
  }

  function keepMine(): void {
    if (rival.value) draft.value.version = rival.value.version
    rival.value = null
    change({})
  }

  function takeTheirs(): void {
    if (rival.value) take(rival.value, draft.value)
    rival.value = null
    replaced.value++
  }

  /** Empties the editor while its words travel; what keeps them meanwhile is the list of the unsent. */
  function clearWords(): void {
    clearTimeout(timer)
    dropLocal(me(), about)
    draft.value = { ...blank(), kind: draft.value.kind, version: draft.value.version }
    replaced.value++
  }

  function restore(kept: LocalDraft): void {
    if (!ended) change(kept)
    else writeLocal(me(), about, { ...kept, unsaved: true })
  }

  async function forget(): Promise<void> {
    dropLocal(me(), about)
    draft.value.version = 0
    savedAt.value = null
    await dropDraft(about).catch(() => null)
  }

  watch(
    () => unsent.delivered,
    (message) => {
      if (message?.ticket_id === about && isBlank(draft.value.html)) void forget()
    },
  )
  onScopeDispose(() => {
    ended = true
    clearTimeout(timer)
    if (draft.value.unsaved) void save()
  })
  void open()

  const saved = computed(() => savedAt.value !== null && !draft.value.unsaved)
  return { draft, rival, replaced, saved, change, keepMine, takeTheirs, clearWords, restore }
})
