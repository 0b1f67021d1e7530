/** How many tickets each view holds, and how many of mine hold something new. */
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { fetchCounts } from '@/api/tickets'
import { calmly } from '@/shared/calmly'
import { onEntry, onResync } from '@/shared/stores/live.store'
import { useReading } from '@/shared/stores/reading.store'

const CHANGES = ['TicketOpened', 'TicketChanged', 'MessageAdded', 'TicketSnoozed', 'TicketWoken', 'Mentioned', 'SavedViewChanged']

export const useCounts = defineStore('counts', () => {
  const counts = ref<Map<string, number>>(new Map())
  const unread = ref(0)

  async function load(): Promise<void> {
    const answer = await fetchCounts().catch(() => null)
    if (!answer) return
    counts.value = new Map(answer.map((one) => [one.view, one.count]))
    unread.value = answer.find((one) => one.view === 'mine')?.unread ?? 0
  }

  const soon = calmly(() => void load(), 1_200)
  onResync(soon)
  onEntry(CHANGES, soon)
  watch(() => useReading().read, soon)
  return { counts, unread, load }
})
