/** How a call stands for one who is in it: what to show, and what can be done. */
import type { CallLegView, CallView } from '@/api/calls'
import type { Id } from '@/api/schema'

export type Standing = 'ringing' | 'connecting' | 'talking' | 'held' | 'consulting' | 'listening'

export interface Parties {
  mine: CallLegView | undefined
  client: CallLegView | undefined
  /** Whom I asked before I hand over, while the client waits. */
  consulted: CallLegView | undefined
  /** Everybody else who is in it, or is being called. */
  others: CallLegView[]
}

const isLive = (leg: CallLegView): boolean => leg.state !== 'ended'

export function partiesOf(call: CallView, me: Id): Parties {
  const live = call.legs.filter(isLive)
  const mine = live.find((leg) => leg.agent_id === me)
  const client = live.find((leg) => leg.role === 'client')
  const consulted = live.find((leg) => leg.role === 'consulted' && leg !== mine)
  return { mine, client, consulted, others: live.filter((leg) => leg !== mine && leg !== client) }
}

export function standingOf(call: CallView, me: Id): Standing {
  const { mine, client, consulted } = partiesOf(call, me)
  if (mine?.state !== 'joined') return 'ringing'
  if (mine.role === 'supervisor') return 'listening'
  if (consulted && client?.on_hold) return 'consulting'
  if (client?.state !== 'joined' || call.state === 'connecting') return 'connecting'
  return client.on_hold ? 'held' : 'talking'
}

/** Whether the call is mine to lead: who was only asked or listens hangs up, and nothing else. */
export function leads(call: CallView, me: Id): boolean {
  return partiesOf(call, me).mine?.role === 'agent'
}

/** From when the clock beside it runs. */
export function sinceOf(call: CallView, me: Id): string {
  const { mine } = partiesOf(call, me)
  if (mine?.state === 'joined' && mine.role === 'agent') return call.answered_at ?? mine.since
  return mine?.since ?? call.started_at
}
