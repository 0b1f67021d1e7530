/** Who can what: the levels of every agent as saved, and the changes that are not saved yet. */
import { defineStore } from 'pinia'
import { computed, reactive, ref } from 'vue'
import { fetchAgentRouting, saveAgentRouting, SKILL_LEVEL_MAX, type AgentRoutingView } from '@/api/routing'
import type { Id } from '@/api/schema'
import { calmly } from '@/shared/calmly'
import { errorText } from '@/shared/error-text'
import { onEntry, onResync } from '@/shared/stores/live.store'

export interface MatrixRow {
  levels: Record<Id, number>
  profile: Id | ''
}

const rowOf = (view: AgentRoutingView | undefined): MatrixRow => ({
  levels: Object.fromEntries((view?.skills ?? []).map((one) => [one.skill_id, one.level])),
  profile: view?.profile_id ?? '',
})

function same(one: MatrixRow, other: MatrixRow): boolean {
  const [mine, theirs] = [Object.entries(one.levels), other.levels]
  return one.profile === other.profile && mine.length === Object.keys(theirs).length && mine.every(([skill, level]) => theirs[skill] === level)
}

export const useMatrix = defineStore('matrix', () => {
  const saved = ref(new Map<Id, AgentRoutingView>())
  const edits = reactive(new Map<Id, MatrixRow>())
  const refusals = reactive(new Map<Id, string>())
  const ready = ref(false)
  const failed = ref<unknown>(null)

  async function load(): Promise<void> {
    try {
      saved.value = new Map((await fetchAgentRouting()).map((one) => [one.agent_id, one]))
      for (const [agent, row] of edits) if (same(row, rowOf(saved.value.get(agent)))) edits.delete(agent)
      ready.value = true
      failed.value = null
    } catch (error) {
      failed.value = error
    }
  }

  const row = (agent: Id): MatrixRow => edits.get(agent) ?? rowOf(saved.value.get(agent))

  function edit(agent: Id, change: (row: MatrixRow) => void): void {
    const kept = row(agent)
    const next = { levels: { ...kept.levels }, profile: kept.profile }
    change(next)
    refusals.delete(agent)
    if (same(next, rowOf(saved.value.get(agent)))) edits.delete(agent)
    else edits.set(agent, next)
  }

  /** Takes what was typed: an empty cell or 0 is no skill; more than the most is the most. */
  function setLevel(agent: Id, skill: Id, typed: string): void {
    const level = Math.min(SKILL_LEVEL_MAX, Math.max(0, Number.parseInt(typed, 10) || 0))
    edit(agent, (next) => {
      if (level) next.levels[skill] = level
      else delete next.levels[skill]
    })
  }

  const setProfile = (agent: Id, profile: Id | ''): void => edit(agent, (next) => (next.profile = profile))

  async function saveOne(agent: Id, kept: MatrixRow): Promise<void> {
    const skills = Object.entries(kept.levels).map(([skill_id, level]) => ({ skill_id, level }))
    try {
      saved.value.set(agent, await saveAgentRouting(agent, { skills, profile_id: kept.profile || null }))
      if (edits.get(agent) === kept) edits.delete(agent)
      refusals.delete(agent)
    } catch (error) {
      refusals.set(agent, errorText(error))
    }
  }

  /** Saves row by row; what is refused stays as it was typed. Tells how many were refused. */
  async function save(): Promise<number> {
    for (const [agent, kept] of [...edits]) await saveOne(agent, kept)
    return refusals.size
  }

  function forget(): void {
    edits.clear()
    refusals.clear()
  }

  const reload = calmly(() => void (ready.value && load()), 1_000)
  onResync(reload)
  onEntry(['RoutingChanged'], reload)
  const changed = computed(() => edits.size)
  return { ready, failed, edits, refusals, changed, load, row, setLevel, setProfile, save, forget }
})
