/** One WebSocket to `/live`: resumes where it stopped, backs off with jitter, notices silence. */
import type { Id, IsoTime } from '@/api/schema'

export interface Entry {
  type: 'entry'
  seq: number
  at: IsoTime
  kind: string
  actor_id: Id | null
  ticket_id: Id | null
  client_id: Id | null
  contact_id: Id | null
  queue_id: Id | null
  team_id: Id | null
  assignee_id: Id | null
  data: Record<string, unknown>
}

export interface Typing {
  type: 'typing'
  ticket_id: Id
  agent_id: Id | null
  name: string
  typing: boolean
}

export interface Viewing {
  type: 'viewing'
  ticket_id: Id
  agents: { id: Id; name: string }[]
}

interface Hello {
  type: 'hello'
  seq: number
  heartbeat: number
}

type Frame = Hello | Entry | Typing | Viewing | { type: 'resync' } | { type: 'bye' } | { type: 'pong' }

export type Said =
  | { type: 'view'; ticket_ids: Id[] }
  | { type: 'typing'; ticket_id: Id; typing: boolean }
  | { type: 'ping' }

export type LinkState = 'connecting' | 'open' | 'waiting' | 'closed'

export interface Listener {
  state(state: LinkState, retryAt: number | null): void
  entry(entry: Entry): void
  typing(frame: Typing): void
  viewing(frame: Viewing): void
  /** Events may have been missed: everything on screen must be asked for again. */
  resync(): void
  signedOut(): void
  /** The line was refused before a word: a browser does not say why, and nobody may be signed in any more. */
  refused(): void
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 20_000
const SIGNED_OUT = 4001
const RESYNC = 4008

/** How long to wait before try number `attempt` (from 0): doubling, capped, half of it random. */
export function backOff(attempt: number, random: () => number = Math.random): number {
  const whole = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt)
  return whole / 2 + (whole / 2) * random()
}

export class LiveLink {
  private socket: WebSocket | null = null
  private seq: number | null = null
  private newest: number | null = null
  private attempt = 0
  private heartbeatMs = 25_000
  private retry: ReturnType<typeof setTimeout> | undefined
  private silence: ReturnType<typeof setTimeout> | undefined
  private ping: ReturnType<typeof setInterval> | undefined
  private wanted = false
  private greeted = false

  constructor(
    private readonly listener: Listener,
    private readonly url: () => string = liveUrl,
  ) {}

  /** Listens to what follows the entry `seq`: whatever is asked for after this is whole. */
  open(seq: number): void {
    if (this.wanted) return
    this.wanted = true
    this.attempt = 0
    this.seq = seq
    this.connect()
  }

  close(): void {
    this.wanted = false
    this.seq = null
    this.hangUp()
    this.listener.state('closed', null)
  }

  /** Tries at once instead of waiting out the back-off (the network is back, the tab is seen again). */
  hurry(): void {
    if (!this.wanted || this.socket !== null) return
    clearTimeout(this.retry)
    this.connect()
  }

  say(frame: Said): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame))
  }

  private connect(): void {
    this.listener.state('connecting', null)
    this.greeted = false
    const since = this.seq === null ? '' : `?since=${this.seq}`
    const socket = new WebSocket(this.url() + since)
    this.socket = socket
    socket.onmessage = (event) => {
      if (this.socket === socket) this.hear(String(event.data))
    }
    socket.onclose = (event) => {
      if (this.socket === socket) this.lost(event.code)
    }
    this.watchSilence()
  }

  private hear(text: string): void {
    this.watchSilence()
    const frame = JSON.parse(text) as Frame
    switch (frame.type) {
      case 'hello':
        return this.greet(frame)
      case 'entry':
        if (this.seq !== null && frame.seq <= this.seq) return
        this.seq = frame.seq
        return this.listener.entry(frame)
      case 'typing':
        return this.listener.typing(frame)
      case 'viewing':
        return this.listener.viewing(frame)
      case 'resync':
        this.seq = this.newest
        return this.listener.resync()
      default:
        return
    }
  }

  private greet(hello: Hello): void {
    const first = this.seq === null
    this.seq ??= hello.seq
    this.newest = hello.seq
    this.greeted = true
    this.attempt = 0
    this.heartbeatMs = hello.heartbeat * 1_000
    clearInterval(this.ping)
    this.ping = setInterval(() => this.say({ type: 'ping' }), this.heartbeatMs)
    this.listener.state('open', null)
    if (first) this.listener.resync()
  }

  private lost(code: number): void {
    this.hangUp()
    if (code === SIGNED_OUT) {
      this.wanted = false
      this.listener.state('closed', null)
      return this.listener.signedOut()
    }
    if (code === RESYNC) this.seq = null
    if (!this.wanted) return
    if (!this.greeted) this.listener.refused()
    const wait = backOff(this.attempt++)
    this.listener.state('waiting', Date.now() + wait)
    this.retry = setTimeout(() => this.connect(), wait)
  }

  private watchSilence(): void {
    clearTimeout(this.silence)
    this.silence = setTimeout(() => this.lost(0), this.heartbeatMs * 2.5)
  }

  private hangUp(): void {
    clearTimeout(this.retry)
    clearTimeout(this.silence)
    clearInterval(this.ping)
    const socket = this.socket
    this.socket = null
    socket?.close()
  }
}

function liveUrl(): string {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:'
  return `${scheme}//${location.host}/live`
}
