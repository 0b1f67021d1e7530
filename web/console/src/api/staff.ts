/** Agents, teams, roles and queues: who works here and on what. */
import { api } from '@/api/client'
import type {
  AgentPatch, AgentView, Done, Id, NewAgent, NewQueue, NewRole, NewTeam, PermissionView, QueuePatch, QueueView, RolePatch, RoleView,
  TeamPatch, TeamView,
} from '@/api/schema'

export const fetchAgents = (): Promise<AgentView[]> => api.get('/agents')
export const addAgent = (body: NewAgent): Promise<AgentView> => api.post('/agents', body)
export const changeAgent = (id: Id, body: AgentPatch): Promise<AgentView> => api.patch(`/agents/${id}`, body)

export const fetchTeams = (): Promise<TeamView[]> => api.get('/teams')
export const addTeam = (body: NewTeam): Promise<TeamView> => api.post('/teams', body)
export const changeTeam = (id: Id, body: TeamPatch): Promise<TeamView> => api.patch(`/teams/${id}`, body)
export const removeTeam = (id: Id): Promise<Done> => api.delete(`/teams/${id}`)

export const fetchPermissions = (): Promise<PermissionView[]> => api.get('/permissions')
export const fetchRoles = (): Promise<RoleView[]> => api.get('/roles')
export const addRole = (body: NewRole): Promise<RoleView> => api.post('/roles', body)
export const changeRole = (id: Id, body: RolePatch): Promise<RoleView> => api.patch(`/roles/${id}`, body)
export const removeRole = (id: Id): Promise<Done> => api.delete(`/roles/${id}`)

export const fetchQueues = (): Promise<QueueView[]> => api.get('/queues')
export const addQueue = (body: NewQueue): Promise<QueueView> => api.post('/queues', body)
export const changeQueue = (id: Id, body: QueuePatch): Promise<QueueView> => api.patch(`/queues/${id}`, body)
export const removeQueue = (id: Id): Promise<Done> => api.delete(`/queues/${id}`)
