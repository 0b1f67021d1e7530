/** The alerts that last, for whoever supervises: shown above every page, heard when they are new. */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { fetchOpenAlerts, type FloorAlert } from '@/api/floor'
import type { Id } from '@/api/schema'
import { calmly } from '@/shared/calmly'
import { chime } from '@/shared/chime'
import { FLOOR_PERMISSION } from '@/shared/permissions'
import { onEntry, onResync } from '@/shared/stores/live.store'
import { useSession } from '@/shared/stores/session.store'

export const useFloorAlerts = defineStore('floor-alerts', () => {
  const session = useSession()
  const alerts = ref<FloorAlert[]>([])
  const hidden = ref(new Set<Id>())
  const shown = computed(() => alerts.value.filter((one) => !hidden.value.has(one.id)))

  async function load(): Promise<void> {
    alerts.value = session.can(FLOOR_PERMISSION) ? await fetchOpenAlerts().catch(() => alerts.value) : []
  }

  /** Only here and until it ends; the list keeps it. */
  function hide(id: Id): void {
    hidden.value.add(id)
  }

  const soon = calmly(() => void load(), 500)
  watch(() => session.me?.agent.id, () => void load(), { immediate: true })
  onResync(soon)
  onEntry(['AlertRaised', 'AlertEnded'], (entry) => {
    soon()
    if (entry.kind === 'AlertRaised' && entry.data['sound'] === true) chime()
  })
  return { alerts, shown, load, hide }
})
