/** The figures since midnight, asked for again when something moved. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { fetchFigures, type FloorFigures } from '@/api/floor'
import { serverNow } from '@/api/client'
import { calmly } from '@/shared/calmly'
import { onEntry, onResync } from '@/shared/stores/live.store'
import { midnight } from './period'

const MATTERS = ['ContactQueued', 'ContactAnswered', 'ContactEnded', 'ContactRequeued', 'ContactReopened', 'PresenceChanged', 'QueueChanged']

export const useFigures = defineStore('figures', () => {
  const figures = shallowRef<FloorFigures | null>(null)
  const watched = ref(0)
  const ofQueue = computed(() => new Map(figures.value?.queues.map((one) => [one.queue_id, one])))
  const ofAgent = computed(() => new Map(figures.value?.agents.map((one) => [one.agent_id, one.figures])))

  async function load(): Promise<void> {
    figures.value = await fetchFigures(midnight(serverNow()).toISOString()).catch(() => figures.value)
  }

  const soon = calmly(() => void load(), 1_000)
  const ifWatched = (): void => {
    if (watched.value > 0) soon()
  }
  onResync(ifWatched)
  onEntry(MATTERS, ifWatched)
  return { figures, watched, ofQueue, ofAgent, load }
})
