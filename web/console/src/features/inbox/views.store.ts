/** The views that I keep, and those that others share with me. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { addView, changeView, fetchViews, removeView, type NewSavedView, type SavedView } from '@/api/day'
import type { Id } from '@/api/schema'
import { onEntry, onResync } from '@/shared/stores/live.store'
import { useCounts } from './counts.store'

export const READY = ['mine', 'unassigned', 'team', 'mentions', 'snoozed', 'all'] as const

export const useViews = defineStore('views', () => {
  const saved = ref<SavedView[]>([])
  const ready = ref(false)
  const counts = useCounts()

  async function load(): Promise<void> {
    const answer = await fetchViews().catch(() => null)
    if (answer) saved.value = answer
    ready.value ||= answer !== null
  }

  async function keep(body: NewSavedView, known: SavedView | null): Promise<SavedView> {
    const kept = known ? await changeView(known.id, { ...body, version: known.version }) : await addView(body)
    await Promise.all([load(), counts.load()])
    return kept
  }

  async function remove(id: Id): Promise<void> {
    await removeView(id)
    await load()
  }

  const byId = computed(() => new Map(saved.value.map((one) => [one.id, one])))
  onResync(() => void load())
  onEntry(['SavedViewChanged'], () => void load())
  return { saved, byId, ready, load, keep, remove }
})
