/** Canned replies at hand while writing. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { CannedReplyView } from '@/api/schema'
import { fetchCannedReplies } from '@/api/tickets'
import { onEntry, onResync } from '@/shared/stores/live.store'

export const useCanned = defineStore('canned', () => {
  const replies = ref<CannedReplyView[]>([])
  async function load(): Promise<void> {
    replies.value = await fetchCannedReplies().catch(() => replies.value)
  }

  /** Whoever asks first waits for it: an empty list would say that there are none. */
  const loaded = load()

  function find(words: string): CannedReplyView[] {
    const wanted = words.toLowerCase()
    const starts = replies.value.filter((one) => one.shortcut.toLowerCase().startsWith(wanted))
    const holds = replies.value.filter((one) => one.title.toLowerCase().includes(wanted) && !starts.includes(one))
    return [...starts, ...holds]
  }

  onEntry(['CannedReplyChanged'], () => void load())
  onResync(() => void load())
  return { replies, find, load, loaded }
})
