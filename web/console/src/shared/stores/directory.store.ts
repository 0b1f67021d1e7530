/** Names behind ids: agents, teams, queues, and who is at the desk. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { AgentView, Id, PresenceView, QueueView, TeamView } from '@/api/schema'
import { fetchPresence } from '@/api/session'
import { fetchAgents, fetchQueues, fetchTeams } from '@/api/staff'
import { onEntry, onResync } from '@/shared/stores/live.store'

export const useDirectory = defineStore('directory', () => {
  const agents = ref<AgentView[]>([])
  const teams = ref<TeamView[]>([])
  const queues = ref<QueueView[]>([])
  const presence = ref<Map<Id, PresenceView>>(new Map())

  const activeAgents = computed(() => agents.value.filter((agent) => agent.active))
  const agentNames = computed(() => new Map(agents.value.map((agent) => [agent.id, agent.name])))
  const teamNames = computed(() => new Map(teams.value.map((team) => [team.id, team.name])))
  const queueNames = computed(() => new Map(queues.value.map((queue) => [queue.id, queue.name])))

  async function loadStaff(): Promise<void> {
    const [people, groups] = await Promise.all([fetchAgents(), fetchTeams()])
    agents.value = people
    teams.value = groups
  }

  async function loadQueues(): Promise<void> {
    queues.value = await fetchQueues()
  }

  async function loadPresence(): Promise<void> {
    presence.value = new Map((await fetchPresence()).map((one) => [one.agent_id, one]))
  }

  /** Asks for everything; what one answer refuses does not spoil the others. */
  async function load(): Promise<void> {
    await Promise.allSettled([loadStaff(), loadQueues(), loadPresence()])
  }

  onResync(() => void load())
  onEntry(['StaffChanged'], () => void loadStaff().catch(() => undefined))
  onEntry(['QueueChanged'], () => void loadQueues().catch(() => undefined))
  onEntry(['PresenceChanged'], (entry) => {
    const one = entry.data as unknown as PresenceView
    presence.value.set(one.agent_id, one)
  })

  return { agents, activeAgents, teams, queues, presence, agentNames, teamNames, queueNames, load }
})
