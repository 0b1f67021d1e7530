/** Answers that have not reached the server: kept in this browser, sent in their order, each once. */
import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { ApiError } from '@/api/client'
import type { Id, MessageView } from '@/api/schema'
import { dropDraft, sendMessage } from '@/api/tickets'
import { errorText } from '@/shared/error-text'
import { useLive } from '@/shared/stores/live.store'
import { useNotices } from '@/shared/stores/notices.store'
import { useSession } from '@/shared/stores/session.store'
import { readLocal } from './draft'
import { readUnsent, writeUnsent, type Unsent } from './unsent'

const RETRY_AFTER_MS = 10_000

/** What became of a try: the server has it, it waits here for the line, or the server said no. */
export type Fate = 'sent' | 'waits' | ApiError

export const useUnsent = defineStore('unsent', () => {
  const { t } = useI18n()
  const session = useSession()
  const live = useLive()
  const items = shallowRef<Unsent[]>([])
  /** The last one that arrived. */
  const delivered = shallowRef<MessageView | null>(null)
  const busy = ref(false)
  const asked = new Map<Id, (fate: Fate) => void>()
  let again = false
  let kept = true

  const me = (): Id | undefined => session.me?.agent.id

  function refresh(): void {
    const id = me()
    if (id === undefined) items.value = []
    else if (kept) items.value = readUnsent(id)
  }

  /** Another window may have changed the list meanwhile. */
  function update(change: (known: Unsent[]) => Unsent[]): void {
    refresh()
    items.value = change(items.value)
    kept = writeUnsent(me() ?? '', items.value)
  }

  const drop = (id: Id): void => update((known) => known.filter((one) => one.message.id !== id))
  const mark = (id: Id, changes: Partial<Unsent>): void =>
    update((known) => known.map((one) => (one.message.id === id ? { ...one, ...changes } : one)))

  function answer(id: Id, fate: Fate): boolean {
    const tell = asked.get(id)
    asked.delete(id)
    tell?.(fate)
    return tell !== undefined
  }

  /** The first that may leave: what follows a refused answer on its ticket waits for it. */
  function next(): Unsent | undefined {
    const stuck = new Set<Id>()
    return items.value.find((one) => {
      if (one.refusal) stuck.add(one.about)
      return !stuck.has(one.about)
    })
  }

  function arrived(one: Unsent, message: MessageView): void {
    delivered.value = message
    drop(message.id)
    const asker = answer(message.id, 'sent')
    const shown = asker || live.shown.has(one.about)
    if (!shown && readLocal(me() ?? '', one.about) === null) void dropDraft(one.about).catch(() => null)
  }

  function refused(one: Unsent, error: ApiError): void {
    if (answer(one.message.id, error)) return drop(one.message.id)
    mark(one.message.id, { refusal: error.code, reason: errorText(error) })
    useNotices().say(t('unsent.refusedNotice'), 'bad', { name: 'ticket', params: { ticketId: one.about } })
  }

  /** False when the line is away: then nothing after it is tried. */
  async function deliver(one: Unsent): Promise<boolean> {
    try {
      arrived(one, await sendMessage(one.about, one.message))
      return true
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (!error.passing && error.code !== 'sign_in_required') return refused(one, error), true
      update((known) => known.map((other) => ({ ...other, waits: true })))
      return false
    }
  }

  async function inTurn(): Promise<void> {
    refresh()
    for (let one = next(); one && me() !== undefined; one = next()) if (!(await deliver(one))) return
  }

  async function flush(): Promise<void> {
    again = true
    if (busy.value || me() === undefined) return
    busy.value = true
    try {
      while (again) {
        again = false
        // Only one window sends at a time; where locks are missing, a message's id keeps it single.
        await (navigator.locks ? navigator.locks.request('unsent', inTurn) : inTurn())
      }
    } finally {
      busy.value = false
      const gone = (id: Id): boolean => me() !== undefined && !items.value.some((one) => one.message.id === id)
      for (const id of [...asked.keys()]) answer(id, gone(id) ? 'sent' : 'waits')
    }
  }

  function send(one: Unsent): Promise<Fate> {
    update((known) => [...known, one])
    return new Promise((resolve) => {
      asked.set(one.message.id, resolve)
      void flush()
    })
  }

  /** Tries a refused answer once more, whatever the client wrote meanwhile; a moment that is gone means now. */
  function insist(id: Id): void {
    update((known) =>
      known.map((one) => {
        if (one.message.id !== id) return one
        const { send_at, unless_client_writes, ...message } = { ...one.message, after_message_id: null }
        const later = send_at && Date.parse(send_at) > Date.now() ? { send_at, unless_client_writes } : {}
        return { ...one, message: { ...message, ...later }, refusal: '', reason: '' }
      }),
    )
    void flush()
  }

  /** Those of one ticket, oldest first. */
  const of = (ticket: Id): Unsent[] => items.value.filter((one) => one.about === ticket)
  const byId = computed(() => new Map(items.value.map((one) => [one.message.id, one])))
  const waiting = computed(() => items.value.filter((one) => one.waits && !one.refusal).length)

  watch(me, () => (refresh(), void flush()), { immediate: true })
  watch(() => live.state, (state) => state === 'open' && void flush())
  const timer = setInterval(() => items.value.length && void flush(), RETRY_AFTER_MS)
  const online = (): void => void flush()
  window.addEventListener('online', online)
  window.addEventListener('storage', refresh)
  onScopeDispose(() => clearInterval(timer))

  return { items, delivered, of, byId, waiting, send, insist, drop }
})
