/** Canned replies at hand while writing. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { CannedReplyView } from '@/api/schema'
import { fetchCannedReplies } from '@/api/tickets'
import { onEntry, onResync } from '@/shared/stores/live.store'

export const useCanned = defineStore('canned', () => {
  const replies = ref<CannedReplyView[]>([])
  let asked = false

  async function load(): Promise<void> {
    asked = true
    replies.value = await fetchCannedReplies().catch(() => replies.value)
  }

  function find(words: string): CannedReplyView[] {
    if (!asked) void load()
    const wanted = words.toLowerCase()
    const starts = replies.value.filter((one) => one.shortcut.toLowerCase().startsWith(wanted))
    const holds = replies.value.filter((one) => one.title.toLowerCase().includes(wanted) && !starts.includes(one))
    return [...starts, ...holds]
  }

  onEntry(['CannedReplyChanged'], () => void load())
  onResync(() => asked && void load())
  void load()
  return { replies, find, load }
})
