/** What a view can ask, and how each question is put: the shape of the editor, free of its looks. */
import type { Field, Group, Op, Rule } from '@/api/day'
import { CHANNELS } from '@/shared/channels'

export type Kind = 'choice' | 'people' | 'tags' | 'words' | 'age' | 'yes'

export const KINDS: Record<Exclude<Field, 'client'>, Kind> = {
  status: 'choice',
  priority: 'choice',
  channel: 'choice',
  assignee: 'people',
  team: 'people',
  queue: 'people',
  tag: 'tags',
  subject: 'words',
  created: 'age',
  activity: 'age',
  client_wrote: 'age',
  awaiting: 'yes',
  unread: 'yes',
  mentioned: 'yes',
  snoozed: 'yes',
}

export const FIELDS = Object.keys(KINDS) as Exclude<Field, 'client'>[]

export const OPS: Record<Kind, Op[]> = {
  choice: ['any_of', 'none_of'],
  people: ['any_of', 'none_of'],
  tags: ['any_of', 'all_of', 'none_of'],
  words: ['contains', 'lacks'],
  age: ['older_than', 'newer_than'],
  yes: ['is'],
}

export const CHOICES: Partial<Record<Field, string[]>> = {
  status: ['new', 'open', 'waiting', 'solved', 'closed'],
  priority: ['low', 'normal', 'high', 'urgent'],
  channel: [...CHANNELS],
}

/** As deep as the server lets groups stand in groups. */
export const DEEPEST = 4

const FIRST: Record<Kind, string[]> = { choice: [], people: [], tags: [], words: [], age: ['24'], yes: ['yes'] }

export function kindOf(field: Field): Kind {
  return field === 'client' ? 'people' : KINDS[field]
}

export function newRule(field: Field = 'status'): Rule {
  const kind = kindOf(field)
  return { kind: 'rule', field, op: OPS[kind][0] ?? 'any_of', value: [...FIRST[kind]] }
}

export function newGroup(match: Group['match'] = 'all'): Group {
  return { kind: 'group', match, rules: [newRule()] }
}

/** What the ready-made lists begin with: whatever is not done. */
export function firstConditions(): Group {
  return { kind: 'group', match: 'all', rules: [{ kind: 'rule', field: 'status', op: 'any_of', value: ['new', 'open', 'waiting'] }] }
}

function clean(values: string[]): string[] {
  return [...new Set(values.map((one) => one.trim()).filter(Boolean))]
}

/** The conditions as they are sent: no empty values, no empty groups. */
export function tidy(group: Group): Group {
  const rules = group.rules
    .map((one) => (one.kind === 'group' ? tidy(one) : { ...one, value: clean(one.value) }))
    .filter((one) => (one.kind === 'group' ? one.rules.length > 0 : one.value.length > 0))
  return { ...group, rules }
}

/** Words typed with commas between them. */
export function toList(text: string): string[] {
  return clean(text.split(','))
}

/** Hours as the largest unit that fits. */
export function toAge(hours: number): { count: number; unit: 'hours' | 'days' } {
  return hours % 24 === 0 ? { count: hours / 24, unit: 'days' } : { count: hours, unit: 'hours' }
}

export function toHours(count: number, unit: 'hours' | 'days'): number {
  return Math.max(1, Math.round(count)) * (unit === 'days' ? 24 : 1)
}
