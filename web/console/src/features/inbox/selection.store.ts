/** Which tickets of the list are chosen for a change to all of them. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { Id } from '@/api/schema'

export const useSelection = defineStore('selection', () => {
  const chosen = ref<Set<Id>>(new Set())
  let anchor: Id | null = null

  function toggle(id: Id): void {
    const next = new Set(chosen.value)
    if (!next.delete(id)) next.add(id)
    chosen.value = next
    anchor = id
  }

  /** Chooses everything between the last one chosen and this one. */
  function reach(id: Id, order: Id[]): void {
    const [from, to] = [order.indexOf(anchor ?? id), order.indexOf(id)].sort((one, other) => one - other)
    if (from === undefined || to === undefined || from < 0) return toggle(id)
    chosen.value = new Set([...chosen.value, ...order.slice(from, to + 1)])
  }

  function all(order: Id[]): void {
    chosen.value = new Set(order)
  }

  function clear(): void {
    if (chosen.value.size) chosen.value = new Set()
    anchor = null
  }

  const count = computed(() => chosen.value.size)
  return { chosen, count, toggle, reach, all, clear }
})
