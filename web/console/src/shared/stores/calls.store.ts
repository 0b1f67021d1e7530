/** Calls that threads tell of: asked for by ticket, kept fresh while they go on. */
import { defineStore } from 'pinia'
import { reactive } from 'vue'
import { fetchCall, fetchCalls, type CallView } from '@/api/calls'
import type { Id } from '@/api/schema'
import { calmly } from '@/shared/calmly'
import { onEntry, onResync } from '@/shared/stores/live.store'

const SOON_MS = 300

export const useCalls = defineStore('calls', () => {
  const calls = reactive(new Map<Id, CallView>())
  /** By ticket: what asks for its calls. */
  const asked = new Map<Id, () => void>()

  async function load(ticket: Id): Promise<void> {
    const page = await fetchCalls({ ticket_id: ticket })
    for (const call of page.items) calls.set(call.id, call)
  }

  /** Asks for the calls of a ticket once; for one that is not among the newest, alone. */
  async function need(ticket: Id, id: Id): Promise<void> {
    if (!asked.has(ticket)) {
      asked.set(ticket, calmly(() => void load(ticket).catch(() => undefined), SOON_MS))
      await load(ticket).catch(() => asked.delete(ticket))
    }
    if (!calls.has(id)) await fetchCall(id).then((call) => calls.set(id, call)).catch(() => undefined)
  }

  onEntry(['CallChanged'], (entry) => entry.ticket_id && asked.get(entry.ticket_id)?.())
  onResync(() => asked.forEach((again) => again()))
  return { calls, need }
})
