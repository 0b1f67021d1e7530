/** A routing profile as a form holds it: a row for each channel and each queue; empty is as usual. */
import type { Id, QueueView } from '@/api/schema'
import type { ProfileRules, ProfileView } from '@/api/routing'
import { CHANNELS } from '@/shared/channels'

/** What an input of type number holds when it is empty is an empty text. */
export type Amount = number | ''

export interface ChannelTerms {
  channel: string
  capacity: Amount
  units: Amount
  exclusive: boolean
  /** Channels past whose contacts a new one of this channel may come. */
  over: string[]
}

export interface ProfileForm {
  name: string
  budget: Amount
  channels: ChannelTerms[]
  queues: { queue_id: Id; rank: number; delay: number }[]
}

export const NO_RULES: ProfileRules = { capacity: {}, budget: null, units: {}, exclusive: [], interrupts: {}, queues: [] }

function namedChannels(rules: ProfileRules): string[] {
  return [...new Set([...CHANNELS, ...Object.keys(rules.capacity), ...Object.keys(rules.units), ...rules.exclusive, ...Object.keys(rules.interrupts)])]
}

export function profileForm(profile: ProfileView | null, queues: QueueView[]): ProfileForm {
  const rules = profile?.rules ?? NO_RULES
  const terms = new Map(rules.queues.map((one) => [one.queue_id, one]))
  return {
    name: profile?.name ?? '',
    budget: rules.budget ?? '',
    channels: namedChannels(rules).map((channel) => ({
      channel,
      capacity: rules.capacity[channel] ?? '',
      units: rules.units[channel] ?? '',
      exclusive: rules.exclusive.includes(channel),
      over: [...(rules.interrupts[channel] ?? [])],
    })),
    queues: queues.map((queue) => ({ queue_id: queue.id, rank: terms.get(queue.id)?.rank ?? 0, delay: terms.get(queue.id)?.delay_seconds ?? 0 })),
  }
}

function amounts(channels: ChannelTerms[], of: 'capacity' | 'units'): Record<string, number> {
  return Object.fromEntries(channels.flatMap((one) => (one[of] === '' ? [] : [[one.channel, one[of]]])))
}

export function profileRules(form: ProfileForm): ProfileRules {
  return {
    capacity: amounts(form.channels, 'capacity'),
    budget: form.budget === '' ? null : form.budget,
    units: amounts(form.channels, 'units'),
    exclusive: form.channels.filter((one) => one.exclusive).map((one) => one.channel),
    interrupts: Object.fromEntries(form.channels.filter((one) => one.over.length).map((one) => [one.channel, one.over])),
    queues: form.queues.filter((one) => one.rank || one.delay).map((one) => ({ queue_id: one.queue_id, rank: one.rank || 0, delay_seconds: one.delay || 0 })),
  }
}
