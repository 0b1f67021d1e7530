/** How many live tickets each view holds. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { fetchCounts } from '@/api/tickets'
import { calmly } from '@/shared/calmly'
import { onEntry, onResync } from '@/shared/stores/live.store'

export const useCounts = defineStore('counts', () => {
  const counts = ref<Map<string, number>>(new Map())

  async function load(): Promise<void> {
    const answer = await fetchCounts().catch(() => null)
    if (answer) counts.value = new Map(answer.map((one) => [one.view, one.count]))
  }

  const soon = calmly(() => void load(), 800)
  onResync(soon)
  onEntry(['TicketOpened', 'TicketChanged', 'MessageAdded'], soon)
  return { counts, load }
})
