/** What callers and writers are led through: a flow of nodes, checked and tried without a call. */
import { api } from '@/api/client'
import type { Id } from '@/api/schema'

export type Texts = Record<string, string>
export type NodeKind = 'greeting' | 'announcement' | 'menu' | 'language' | 'hours' | 'queue' | 'callback' | 'voicemail' | 'transfer' | 'hang_up'

/** One place of the tree; which fields it has is its kind's business. */
export interface FlowNode {
  kind: NodeKind
  id: string
  title?: string
  text?: Texts
  sound_url?: string
  music_url?: string
  next?: string
  /** Of a menu: where a key leads; of a choice of languages: which language it means. */
  choices?: Record<string, string>
  /** Of a menu: what stands above its buttons in messengers, and on them. */
  written?: Texts
  labels?: Record<string, Texts>
  otherwise?: string
  tries?: number
  seconds?: number
  calendar_id?: Id
  open?: string
  closed?: string
  queue_id?: Id | null
  offers_callback?: boolean
  offers_voicemail?: boolean
  tells_wait?: boolean
  number?: string
}

export interface Flow {
  start: string
  /** In which it is written, of one that is no telephone's. */
  languages?: string[]
  nodes: FlowNode[]
}

export interface FlowProblem {
  node: string
  field: string
  code: string
  message: string
  cure: string
  /** It can be saved all the same. */
  warns: boolean
  /** What the sentence is about: `language`, `channel` (its kind), `has`, `most`, `label`. */
  facts: Record<string, string>
}

export interface FlowView {
  account_id: Id
  flow: Flow
  /** 0: the usual one, which nobody has changed. */
  version: number
  languages: string[]
  /** The messenger accounts on which who begins a conversation is led through it. */
  serves: Id[]
  problems: FlowProblem[]
}

export interface FlowHeard {
  type: 'Say' | 'Play' | 'Pause'
  text?: string
  language?: string
  url?: string
}

export interface FlowTurn {
  node: string
  language: string
  heard: FlowHeard[]
  then: 'ask' | 'queue' | 'callback' | 'voicemail' | 'transfer' | 'hang_up'
  pressed: string | null
}

export interface FlowTry {
  flow: Flow
  /** One press a turn; an empty one lets the time run out. */
  presses: string[]
  language?: string
  at?: string
}

/** What the client wrote, and what the center says to it; nothing: it is left to people. */
export interface WrittenTurn {
  wrote: string
  chose: string
  says: string
  options: string[]
  language: string
  waits: boolean
  queue_id: Id | null
}

export interface WrittenTry {
  flow: Flow
  answers: string[]
  language?: string
  at?: string
}

export const fetchFlow = (account: Id): Promise<FlowView> => api.get(`/accounts/${account}/flow`)
export const saveFlow = (account: Id, flow: Flow, version: number, serves: Id[]): Promise<FlowView> => api.put(`/accounts/${account}/flow`, { flow, version, serves })
export const checkFlow = (account: Id, flow: Flow, serves: Id[]): Promise<FlowProblem[]> => api.post(`/accounts/${account}/flow/check`, { flow, serves })
export const tryFlow = (account: Id, wish: FlowTry): Promise<{ turns: FlowTurn[] }> => api.post(`/accounts/${account}/flow/try`, wish)
export const tryWritten = (account: Id, wish: WrittenTry): Promise<{ turns: WrittenTurn[] }> => api.post(`/accounts/${account}/flow/try-written`, wish)
