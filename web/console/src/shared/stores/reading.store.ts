/** How far I have read: told to the server when the newest message was on the screen. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { Id } from '@/api/schema'
import { markRead, markUnread } from '@/api/tickets'

export const useReading = defineStore('reading', () => {
  /** The ticket I read last; lists take its mark away at once. */
  const read = ref<{ ticket: Id; count: number }>({ ticket: '', count: 0 })
  const told = new Map<Id, Id>()

  async function saw(ticket: Id, message: Id): Promise<void> {
    if (told.get(ticket) === message) return
    told.set(ticket, message)
    try {
      await markRead(ticket, message)
      read.value = { ticket, count: read.value.count + 1 }
    } catch {
      told.delete(ticket)
    }
  }

  async function forget(ticket: Id): Promise<void> {
    told.delete(ticket)
    await markUnread(ticket)
  }

  return { read, saw, forget }
})
