/** A flow as a tree: what stands under what, and how nodes come, go and change places. Nothing here changes what it is given. */
import type { Flow, FlowNode, NodeKind } from '@/api/call-flows'

export interface Exit {
  /** `next`, `otherwise`, `open`, `closed`, or `choices.` and a key. */
  field: string
  to: string
}

export interface Row {
  key: string
  depth: number
  /** From where it is reached; null where calls begin, and for what no call reaches. */
  from: string | null
  exit: Exit | null
  node: FlowNode | null
  /** It stands further up already: a way back, or a second way to the same place. */
  again: boolean
}

export const KINDS: readonly NodeKind[] = ['greeting', 'menu', 'language', 'hours', 'queue', 'callback', 'voicemail', 'announcement', 'transfer', 'hang_up']
/** What makes sense where nothing is spoken. */
export const WRITTEN_KINDS: readonly NodeKind[] = ['greeting', 'menu', 'language', 'hours', 'queue', 'announcement']
const ONWARD: readonly NodeKind[] = ['greeting', 'language']

export function exitsOf(node: FlowNode): Exit[] {
  if (node.kind === 'menu') {
    const keyed = Object.entries(node.choices ?? {}).sort(([one], [other]) => one.localeCompare(other))
    return [...keyed.map(([key, to]) => ({ field: `choices.${key}`, to })), { field: 'otherwise', to: node.otherwise ?? '' }]
  }
  if (node.kind === 'hours') return [{ field: 'open', to: node.open ?? '' }, { field: 'closed', to: node.closed ?? '' }]
  return ONWARD.includes(node.kind) ? [{ field: 'next', to: node.next ?? '' }] : []
}

const find = (flow: Flow, id: string): FlowNode | null => flow.nodes.find((node) => node.id === id) ?? null

/** The tree from top to bottom, then what no call reaches. Who writes may say something else and is led nowhere. */
export function rowsOf(flow: Flow, spoken = true): Row[] {
  const rows: Row[] = []
  const shown = new Set<string>()

  function walk(id: string, depth: number, from: string | null, exit: Exit | null): void {
    const node = find(flow, id)
    const again = shown.has(id)
    rows.push({ key: `${from ?? ''} ${exit?.field ?? ''} ${id}`, depth, from, exit, node, again })
    if (!node || again) return
    shown.add(id)
    for (const way of exitsOf(node)) if (spoken || way.field !== 'otherwise') walk(way.to, depth + 1, id, way)
  }

  walk(flow.start, 0, null, null)
  for (const node of flow.nodes) if (!shown.has(node.id)) walk(node.id, 0, null, null)
  return rows
}

export function changed(flow: Flow, id: string, values: Partial<FlowNode>): Flow {
  return { ...flow, nodes: flow.nodes.map((node) => (node.id === id ? { ...node, ...values } : node)) }
}

/** Lets an exit lead somewhere else; without `from` it is where calls begin. */
export function led(flow: Flow, from: string | null, field: string, to: string): Flow {
  if (from === null) return { ...flow, start: to }
  const node = find(flow, from)
  if (!node) return flow
  if (!field.startsWith('choices.')) return changed(flow, from, { [field]: to })
  return changed(flow, from, { choices: { ...node.choices, [field.slice('choices.'.length)]: to } })
}

function freshId(flow: Flow, kind: NodeKind): string {
  let at = 1
  while (flow.nodes.some((node) => node.id === `${kind}-${at}`)) at += 1
  return `${kind}-${at}`
}

interface Around {
  /** The opening hours that a new node begins with. */
  calendar: string
  /** A telephone speaks it: who presses no key is led on all the same. */
  spoken: boolean
}

/** A new node of its kind, with what it needs to be filled in. */
function fresh(flow: Flow, kind: NodeKind, next: string, { calendar, spoken }: Around): FlowNode {
  const node: FlowNode = { kind, id: freshId(flow, kind) }
  if (kind === 'greeting') return { ...node, text: {}, next }
  if (kind === 'menu' && !spoken) return { ...node, text: {}, choices: next ? { 1: next } : {} }
  if (kind === 'menu') return { ...node, text: {}, choices: {}, otherwise: next, tries: 2, seconds: 5 }
  if (kind === 'language') return { ...node, choices: {}, next, seconds: 5 }
  if (kind === 'hours') return { ...node, calendar_id: calendar, open: next, closed: '' }
  if (kind === 'queue') return { ...node, queue_id: null, text: {}, offers_callback: true, offers_voicemail: true, tells_wait: true }
  if (kind === 'voicemail') return { ...node, queue_id: null, text: {}, seconds: 180 }
  if (kind === 'callback') return { ...node, queue_id: null, text: {} }
  if (kind === 'transfer') return { ...node, number: '', text: {} }
  return kind === 'announcement' ? { ...node, text: {} } : node
}

/** Puts a new node where an exit leads; what stood there comes after it, where it can. */
export function added(flow: Flow, row: Pick<Row, 'from' | 'exit'>, kind: NodeKind, around: Around): { flow: Flow; id: string } {
  const before = row.from === null ? flow.start : (row.exit?.to ?? '')
  const node = fresh(flow, kind, before, around)
  const with_ = { ...flow, nodes: [...flow.nodes, node] }
  return { flow: led(with_, row.from, row.exit?.field ?? '', node.id), id: node.id }
}

/** Takes a node out: whatever led to it leads to what came after it. */
export function removed(flow: Flow, id: string): Flow {
  const gone = find(flow, id)
  const after = gone && ONWARD.includes(gone.kind) && gone.next !== id ? (gone.next ?? '') : ''
  let left: Flow = { start: flow.start === id ? after : flow.start, nodes: flow.nodes.filter((node) => node.id !== id) }
  for (const node of left.nodes) for (const exit of exitsOf(node)) if (exit.to === id) left = led(left, node.id, exit.field, after)
  if (left.start === '' && left.nodes[0]) left = { ...left, start: left.nodes[0].id }
  return left
}

/** Lets a node change places with the one before it; both must simply lead on. */
export function earlier(flow: Flow, row: Row): Flow | null {
  const { node, from } = row
  const before = from === null ? null : find(flow, from)
  if (!node || !before || row.again || !ONWARD.includes(node.kind) || !ONWARD.includes(before.kind)) return null
  let moved = flow
  for (const one of flow.nodes) for (const exit of exitsOf(one)) if (exit.to === before.id && one.id !== node.id) moved = led(moved, one.id, exit.field, node.id)
  if (flow.start === before.id) moved = { ...moved, start: node.id }
  moved = changed(moved, before.id, { next: node.next ?? '' })
  return changed(moved, node.id, { next: before.id })
}

export function later(flow: Flow, row: Row): Flow | null {
  const next = row.node && ONWARD.includes(row.node.kind) ? rowsOf(flow).find((one) => one.from === row.node?.id && one.exit?.field === 'next') : undefined
  return next ? earlier(flow, next) : null
}

const KEYS = '1234567890*#'

/** The first key that leads nowhere yet. */
export function freeKey(choices: Record<string, string>): string {
  return [...KEYS].find((key) => !(key in choices)) ?? ''
}

export const ALL_KEYS: readonly string[] = [...KEYS]
