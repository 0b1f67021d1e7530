/** What is changed of a day, and how many people it puts where. */
import type { AgentGroup, Scenario } from '@/api/what-if'

const SHIFT = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/

export function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

export function sameDay(one: Scenario, other: Scenario): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** The same day with so many percent of its contacts. */
export function busier(day: Scenario, percent: number): Scenario {
  const changed = copyOf(day)
  for (const arrivals of changed.arrivals) {
    arrivals.per_interval = arrivals.per_interval.map((count) => Math.round(count * percent * 10) / 1_000)
    if (arrivals.per_hour !== null) arrivals.per_hour = Math.round(arrivals.per_hour * percent * 10) / 1_000
  }
  return changed
}

export function minutes(clock: string): number {
  const [hours, rest] = clock.split(':')
  return Number(hours) * 60 + Number(rest)
}

/** "09:00-12:00, 12:30-17:00" as a list; null when something else was typed. Nothing means the whole day. */
export function readShifts(typed: string): string[] | null | undefined {
  const parts = typed.split(/[,;]/).map((part) => part.trim().replace(/\s*[–—-]\s*/, '-')).filter(Boolean)
  if (!parts.length) return undefined
  return parts.every((part) => SHIFT.test(part)) ? parts : null
}

/** The share of an interval during which the group works, from 0 to 1. */
function presence(day: Scenario, group: AgentGroup, starts: number, ends: number): number {
  const shifts = group.shifts ?? [`${day.starts}-${day.ends}`]
  const there = shifts.reduce((sum, shift) => {
    const [from = '', to = ''] = shift.split('-')
    return sum + Math.max(0, Math.min(ends, minutes(to)) - Math.max(starts, minutes(from)))
  }, 0)
  return there / (ends - starts)
}

/** How many agents are on shift in each interval: of a queue, or of all. */
export function onShift(day: Scenario, queue: string | null): number[] {
  const begins = minutes(day.starts)
  const ends = minutes(day.ends)
  const count = Math.ceil((ends - begins) / day.interval_minutes)
  const groups = day.agents.filter((group) => queue === null || group.queues.includes(queue))
  return Array.from({ length: count }, (_, place) => {
    const from = begins + place * day.interval_minutes
    const to = Math.min(from + day.interval_minutes, ends)
    const there = groups.reduce((sum, group) => sum + group.count * presence(day, group, from, to), 0)
    return Math.round(there * 10) / 10
  })
}

/** A name that no group has yet. */
export function freeName(day: Scenario, wanted: string): string {
  const taken = new Set(day.agents.map((group) => group.name))
  let name = wanted
  for (let number = 2; taken.has(name); number += 1) name = `${wanted} ${number}`
  return name
}
