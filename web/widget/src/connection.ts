/** One socket to the center that comes back by itself: growing waits, heartbeat, no lost beginnings. */

import { waitBefore } from './backoff'
import type { Frame } from './types'

const BEAT_MS = 25_000
const SILENCE_MS = 60_000
const WELCOME_WITHIN_MS = 10_000
const TRIES_BEFORE_HTTP = 2

/** Close codes of the center. */
const TOKEN_UNKNOWN = 4001

export interface Listener {
  /** The first frame, with the token; null while there is nobody to be. */
  hello(): object | null
  frame(frame: Frame): void
  up(): void
  /** `stuck`: sockets do not get through here; speak over HTTP meanwhile. */
  down(stuck: boolean): void
  unknownToken(): void
}

export interface Surroundings {
  socket: (url: string) => WebSocket
  random: () => number
}

const real: Surroundings = { socket: (url) => new WebSocket(url), random: Math.random }

export class Connection {
  private socket: WebSocket | null = null
  private tries = 0
  private welcomed = false
  private wanted = false
  private heardAt = 0
  private retry: ReturnType<typeof setTimeout> | undefined
  private beat: ReturnType<typeof setInterval> | undefined

  constructor(
    private readonly url: string,
    private readonly listener: Listener,
    private readonly around: Surroundings = real,
  ) {}

  get ready(): boolean {
    return this.welcomed
  }

  open(): void {
    this.wanted = true
    if (!this.socket) this.connect()
  }

  /** Try at once: the network is back, or somebody looks at the page again. */
  hurry(): void {
    if (!this.wanted || this.welcomed) return
    clearTimeout(this.retry)
    this.tries = Math.min(this.tries, 1)
    if (!this.socket) this.connect()
  }

  close(): void {
    this.wanted = false
    clearTimeout(this.retry)
    this.drop()
  }

  send(frame: object): boolean {
    if (!this.welcomed || this.socket?.readyState !== 1) return false
    this.socket.send(JSON.stringify(frame))
    return true
  }

  private connect(): void {
    const hello = this.listener.hello()
    if (!hello) return
    let socket: WebSocket
    try {
      socket = this.around.socket(this.url)
    } catch {
      this.later()
      return
    }
    this.socket = socket
    const late = setTimeout(() => this.lost(socket), WELCOME_WITHIN_MS)
    socket.onopen = () => socket.send(JSON.stringify(hello))
    socket.onmessage = (event) => {
      if (this.socket !== socket) return
      clearTimeout(late)
      this.heard(String(event.data))
    }
    socket.onclose = (event) => {
      clearTimeout(late)
      if (this.socket !== socket) return
      if (event.code === TOKEN_UNKNOWN) {
        this.drop()
        this.listener.unknownToken()
      } else this.lost(socket)
    }
  }

  private heard(text: string): void {
    this.heardAt = Date.now()
    let frame: Frame
    try {
      frame = JSON.parse(text) as Frame
    } catch {
      return
    }
    if (frame.type === 'welcome') {
      this.welcomed = true
      this.tries = 0
      this.beat = setInterval(() => this.pulse(), BEAT_MS)
      this.listener.frame(frame)
      this.listener.up()
    } else if (frame.type !== 'pong') this.listener.frame(frame)
  }

  private pulse(): void {
    if (Date.now() - this.heardAt > SILENCE_MS && this.socket) this.lost(this.socket)
    else this.send({ type: 'ping' })
  }

  private lost(socket: WebSocket): void {
    if (this.socket !== socket) return
    this.drop()
    if (this.wanted) this.later()
  }

  private later(): void {
    this.tries += 1
    this.listener.down(this.tries > TRIES_BEFORE_HTTP)
    clearTimeout(this.retry)
    this.retry = setTimeout(() => this.wanted && !this.socket && this.connect(), waitBefore(this.tries, this.around.random))
  }

  private drop(): void {
    const socket = this.socket
    this.socket = null
    this.welcomed = false
    clearInterval(this.beat)
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null
      socket.close()
    }
  }
}
