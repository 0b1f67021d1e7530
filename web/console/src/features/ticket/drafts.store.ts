/** The draft of the open ticket: here at once, on the server a moment later, back after anything. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { ApiError } from '@/api/client'
import type { AttachmentView, DraftView, Id } from '@/api/schema'
import { dropDraft, fetchDraft, saveDraft } from '@/api/tickets'
import { useSession } from '@/shared/stores/session.store'
import { dropLocal, isBlank, readLocal, writeLocal, type LocalDraft } from './draft'

const SAVE_AFTER_MS = 900
const RETRY_AFTER_MS = 8_000

function blank(): LocalDraft {
  return { html: '', kind: 'reply', attachments: [], articles: [], version: 0, unsaved: false }
}

export const useDrafts = defineStore('drafts', () => {
  const session = useSession()
  const ticket = ref<Id | null>(null)
  const draft = ref<LocalDraft>(blank())
  /** Words of another device that meet words of this one; the person decides. */
  const rival = ref<DraftView | null>(null)
  /** Counts up when the words were changed by something else than the editor. */
  const replaced = ref(0)
  const savedAt = ref<string | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined

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

  async function open(id: Id): Promise<void> {
    ticket.value = id
    rival.value = null
    savedAt.value = null
    const local = readLocal(me(), id)
    draft.value = local ?? blank()
    replaced.value++
    const server = await fetchDraft(id).catch(() => null)
    if (ticket.value !== id) return
    if (server === null || server.version === 0) {
      if (local !== null) draft.value.version = 0
    } else if (draft.value.unsaved && !isBlank(draft.value.html)) {
      if (server.version !== draft.value.version && server.html !== draft.value.html) rival.value = server
    } else {
      take(server, local)
      replaced.value++
    }
    if (draft.value.unsaved && rival.value === null) later(SAVE_AFTER_MS)
  }

  function later(wait: number): void {
    clearTimeout(timer)
    timer = setTimeout(() => void save(), wait)
  }

  function change(changes: Partial<LocalDraft>, fromEditor = false): void {
    if (ticket.value === null) return
    draft.value = { ...draft.value, ...changes, version: draft.value.version, unsaved: true }
    writeLocal(me(), ticket.value, draft.value)
    if (!fromEditor) replaced.value++
    later(SAVE_AFTER_MS)
  }

  async function save(): Promise<void> {
    const id = ticket.value
    if (id === null || rival.value !== null || !draft.value.unsaved) return
    const { html, kind, attachments, version } = draft.value
    try {
      const answer = await saveDraft(id, { html, kind, attachment_ids: attachments.map((one) => one.id), version })
      if (ticket.value !== id) return
      draft.value.version = answer.version
      draft.value.unsaved = draft.value.html !== html
      savedAt.value = answer.updated_at
      if (draft.value.unsaved) later(SAVE_AFTER_MS)
    } catch (error) {
      if (error instanceof ApiError && error.code === 'conflict') rival.value = await fetchDraft(id).catch(() => null)
      else if (error instanceof ApiError && error.passing) later(RETRY_AFTER_MS)
    }
    if (ticket.value === id) writeLocal(me(), id, draft.value)
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

  /** Empties the editor while its words travel; the copy in this browser stays until they arrived. */
  function clearWords(): void {
    clearTimeout(timer)
    draft.value = { ...blank(), kind: draft.value.kind, version: draft.value.version }
    replaced.value++
  }

  function restore(id: Id, kept: LocalDraft): void {
    if (ticket.value === id) change(kept)
    else writeLocal(me(), id, { ...kept, unsaved: true })
  }

  async function forget(id: Id): Promise<void> {
    dropLocal(me(), id)
    if (ticket.value === id) draft.value.version = 0
    savedAt.value = null
    await dropDraft(id).catch(() => null)
  }

  function leave(): void {
    if (draft.value.unsaved) void save()
    clearTimeout(timer)
    ticket.value = null
    draft.value = blank()
  }

  const saved = computed(() => savedAt.value !== null && !draft.value.unsaved)
  return { draft, rival, replaced, saved, open, change, keepMine, takeTheirs, clearWords, restore, forget, leave }
})
