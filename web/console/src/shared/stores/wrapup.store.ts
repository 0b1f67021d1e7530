/** What agents say when a conversation is over: the endings to choose from, and what is typed so far. */
import { defineStore } from 'pinia'
import { reactive, ref } from 'vue'
import { beginWrapUp, fetchDispositions, finishContact, type DispositionView } from '@/api/routing'
import type { ContactView, Id } from '@/api/schema'
import { calmly } from '@/shared/calmly'
import { onEntry, onResync } from '@/shared/stores/live.store'

export interface Ending {
  disposition: Id | ''
  note: string
}

export const useWrapUp = defineStore('wrapup', () => {
  const dispositions = ref<DispositionView[]>([])
  const endings = reactive(new Map<Id, Ending>())
  /** The contact whose panel is asked for; it opens and takes the focus. */
  const wanted = ref<Id | null>(null)
  /** The contact that the key for finishing was pressed for. */
  const pressed = ref<Id | null>(null)
  let known = false

  async function load(): Promise<void> {
    dispositions.value = await fetchDispositions()
    known = true
  }

  /** Asks for the endings once, before the first of them is needed. */
  async function ready(): Promise<void> {
    if (!known) await load().catch(() => undefined)
  }

  function ending(contact: Id): Ending {
    if (!endings.has(contact)) endings.set(contact, { disposition: '', note: '' })
    return endings.get(contact) as Ending
  }

  const choices = (contact: ContactView): DispositionView[] =>
    dispositions.value.filter((one) => one.active && (one.queue_id === null || one.queue_id === contact.queue_id))

  async function finish(contact: Id): Promise<void> {
    const { disposition, note } = ending(contact)
    await finishContact(contact, { disposition_id: disposition || null, note: note.trim() })
    endings.delete(contact)
  }

  async function begin(contact: Id): Promise<void> {
    await beginWrapUp(contact)
    wanted.value = contact
  }

  const soon = calmly(() => void (known && load().catch(() => undefined)), 1_000)
  onResync(soon)
  onEntry(['RoutingChanged'], soon)
  return { dispositions, wanted, pressed, ready, ending, choices, finish, begin }
})
