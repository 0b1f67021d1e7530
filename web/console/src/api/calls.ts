/** The telephone: calls and who is in them, what can be done with one, recordings, and flows. */
import { api } from '@/api/client'
import type { Id, IsoTime, Page } from '@/api/schema'

export type CallState = 'menu' | 'waiting' | 'connecting' | 'talking' | 'voicemail' | 'ended'
export type LegRole = 'client' | 'agent' | 'consulted' | 'third' | 'supervisor'
export type LegState = 'dialling' | 'ringing' | 'joined' | 'ended'
export type ListenMode = 'listen' | 'whisper' | 'barge'
export type RecordingDo = 'start' | 'pause' | 'resume' | 'stop'

export interface CallLegView {
  id: Id
  role: LegRole
  agent_id: Id | null
  name: string
  /** Of who is no colleague. */
  number: string
  state: LegState
  on_hold: boolean
  muted: boolean
  /** Of a supervisor. */
  mode: ListenMode | ''
  /** When it came into its state. */
  since: IsoTime
  /** How long it was in the call, of one that ended. */
  seconds: number | null
}

export interface RecordingView {
  id: Id
  kind: 'talk' | 'voicemail'
  state: 'running' | 'paused' | 'fetching' | 'kept' | 'lost'
  seconds: number
  started_at: IsoTime
  /** Null until its bytes are here, and for who may not listen. */
  url: string | null
}

export interface CallView {
  id: Id
  direction: 'inbound' | 'outbound'
  state: CallState
  outcome: string
  /** The client's; empty when withheld. */
  number: string
  /** The network shows this number, which proves nothing. */
  unverified: boolean
  client_id: Id | null
  client_name: string
  ticket_id: Id | null
  contact_id: Id | null
  queue_id: Id | null
  agent_id: Id | null
  recording: 'off' | 'on' | 'paused'
  started_at: IsoTime
  answered_at: IsoTime | null
  ended_at: IsoTime | null
  waited_seconds: number | null
  talked_seconds: number | null
  legs: CallLegView[]
  recordings: RecordingView[]
}

/** Somebody to bring into a call: one of these. */
export interface Whom {
  agent_id?: Id
  queue_id?: Id
  number?: string
}

/** A client, or the client of a ticket; without a number their own is called. */
export interface CallWish {
  number?: string
  client_id?: Id
  ticket_id?: Id
  anyway?: boolean
}

/** With it this browser is my telephone for a while. */
export interface BrowserPass {
  /** One telephone in the browser for each. */
  realm: string
  identity: string
  token: string
  ends_at: IsoTime
  /** Where it listens for calls: scheme and host. */
  signalling: string
}

export const openBrowserPhone = (): Promise<BrowserPass[]> => api.post('/calls/browser')
export const fetchMyCalls = (): Promise<CallView[]> => api.get('/calls/mine')
export const fetchCalls = (of: { ticket_id?: Id; client_id?: Id }): Promise<Page<CallView>> => api.get('/calls', { ...of })
export const fetchCall = (id: Id): Promise<CallView> => api.get(`/calls/${id}`)
export const placeCall = (wish: CallWish): Promise<CallView> => api.post('/calls', wish)

/** What is done answers with the call as it is then. */
const act = (name: string) => (call: Id, body: unknown = {}): Promise<CallView> => api.post(`/calls/${call}/${name}`, body)

export const holdCall = (call: Id, on: boolean): Promise<CallView> => act('hold')(call, { on })
export const muteCall = (call: Id, on: boolean): Promise<CallView> => act('mute')(call, { on })
export const pressKeys = (call: Id, keys: string): Promise<CallView> => act('keys')(call, { digits: keys })
export const hangUp = act('hang-up')
export const consult = (call: Id, whom: Whom): Promise<CallView> => act('consult')(call, whom)
export const completeTransfer = act('hand-over')
export const returnToClient = act('return')
export const transferCall = (call: Id, whom: Whom): Promise<CallView> => act('transfer')(call, whom)
export const addToCall = (call: Id, whom: Whom): Promise<CallView> => act('parties')(call, whom)
export const dropLeg = (call: Id, leg: Id): Promise<CallView> => api.delete(`/calls/${call}/parties/${leg}`)
export const setRecording = (call: Id, wish: RecordingDo): Promise<CallView> => act('recording')(call, { what: wish })
export const listenToCall = (call: Id, mode: ListenMode): Promise<CallView> => act('beside')(call, { mode })
export const leaveCall = act('away')
