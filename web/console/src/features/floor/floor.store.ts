/** The whole floor as the server counts it, asked for again when something moved. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { FloorView } from '@/api/schema'
import { fetchFloor } from '@/api/work'
import { calmly } from '@/shared/calmly'
import { onEntry, onResync } from '@/shared/stores/live.store'

const MATTERS = [
  'ContactQueued', 'OfferMade', 'OfferEnded', 'ContactAnswered', 'ContactEnded', 'ContactRequeued', 'ContactReopened', 'WrapUpBegun', 'PresenceChanged',
  'QueueChanged', 'StaffChanged', 'CompanionCame', 'CompanionLeft', 'CallbackAsked', 'CallbackCancelled',
]

export const useFloor = defineStore('floor', () => {
  const floor = shallowRef<FloorView | null>(null)
  const failed = ref<unknown>(null)
  const watched = ref(false)

  async function load(): Promise<void> {
    try {
      floor.value = await fetchFloor()
      failed.value = null
    } catch (error) {
      failed.value = error
    }
  }

  const soon = calmly(() => void load(), 1_000)
  const ifWatched = (): void => {
    if (watched.value) soon()
  }
  onResync(ifWatched)
  onEntry(MATTERS, ifWatched)
  return { floor, failed, watched, load }
})
