import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { backOff, LiveLink, type Entry, type LinkState, type Listener } from '../src/api/live'

class ScriptedSocket {
  static readonly OPEN = 1
  static all: ScriptedSocket[] = []
  readyState = ScriptedSocket.OPEN
  sent: string[] = []
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null

  constructor(readonly url: string) {
    ScriptedSocket.all.push(this)
  }

  send(text: string): void {
    this.sent.push(text)
  }

  close(): void {
    this.readyState = 3
  }

  says(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }

  drops(code = 1006): void {
    this.onclose?.({ code })
  }

  static get last(): ScriptedSocket {
    const socket = ScriptedSocket.all.at(-1)
    if (!socket) throw new Error('nobody connected')
    return socket
  }
}

function listening(): Listener & { entries: number[]; states: LinkState[]; resyncs: number; ended: number; refusals: number } {
  const heard = { entries: [] as number[], states: [] as LinkState[], resyncs: 0, ended: 0, refusals: 0 }
  return Object.assign(heard, {
    state: (state: LinkState) => void heard.states.push(state),
    entry: (entry: Entry) => void heard.entries.push(entry.seq),
    typing: () => undefined,
    viewing: () => undefined,
    resync: () => void heard.resyncs++,
    signedOut: () => void heard.ended++,
    refused: () => void heard.refusals++,
  })
}

const hello = (seq: number): object => ({ type: 'hello', seq, heartbeat: 25 })
const entry = (seq: number): object => ({ type: 'entry', seq, kind: 'MessageAdded', data: {} })

beforeEach(() => {
  vi.useFakeTimers()
  ScriptedSocket.all = []
  vi.stubGlobal('WebSocket', ScriptedSocket)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('the live link', () => {
  it('hears what happened since the console asked who it is, and asks for nothing twice', () => {
    const heard = listening()
    new LiveLink(heard, () => 'ws://here/live').open(9)

    ScriptedSocket.last.says(hello(10))
    ScriptedSocket.last.says(entry(10))

    expect(ScriptedSocket.last.url).toBe('ws://here/live?since=9')
    expect(heard.entries).toEqual([10])
    expect(heard.resyncs).toBe(0)
  })

  it('resumes after the last entry it heard and hears none twice', () => {
    const heard = listening()
    new LiveLink(heard, () => 'ws://here/live').open(9)
    ScriptedSocket.last.says(hello(10))
    ScriptedSocket.last.says(entry(11))
    ScriptedSocket.last.drops()
    vi.advanceTimersByTime(1_000)

    ScriptedSocket.last.says(hello(12))
    ScriptedSocket.last.says(entry(11))
    ScriptedSocket.last.says(entry(12))

    expect(ScriptedSocket.last.url).toBe('ws://here/live?since=11')
    expect(heard.entries).toEqual([11, 12])
    expect(heard.resyncs).toBe(0)
  })

  it('reloads and goes on from the newest entry when it missed too much', () => {
    const heard = listening()
    new LiveLink(heard, () => 'ws://here/live').open(9)
    ScriptedSocket.last.says(hello(10))
    ScriptedSocket.last.drops()
    vi.advanceTimersByTime(1_000)
    ScriptedSocket.last.says(hello(9_000))
    ScriptedSocket.last.says({ type: 'resync' })
    ScriptedSocket.last.drops()
    vi.advanceTimersByTime(2_000)

    expect(heard.resyncs).toBe(1)
    expect(ScriptedSocket.last.url).toBe('ws://here/live?since=9000')
  })

  it('hangs up and tries again when the other side has fallen silent', () => {
    const heard = listening()
    new LiveLink(heard, () => 'ws://here/live').open(9)
    ScriptedSocket.last.says(hello(1))

    vi.advanceTimersByTime(65_000)

    expect(ScriptedSocket.all.length).toBeGreaterThan(1)
    expect(heard.states).toContain('waiting')
  })

  it('says that it was refused, and not that it was only cut off', () => {
    const heard = listening()
    new LiveLink(heard, () => 'ws://here/live').open(9)
    ScriptedSocket.last.says(hello(10))
    ScriptedSocket.last.drops()
    expect(heard.refusals).toBe(0)

    vi.advanceTimersByTime(1_000)
    ScriptedSocket.last.drops()

    expect(heard.refusals).toBe(1)
    expect(heard.states.at(-1)).toBe('waiting')
  })

  it('stops for good when the session is over', () => {
    const heard = listening()
    new LiveLink(heard, () => 'ws://here/live').open(9)
    ScriptedSocket.last.says(hello(1))

    ScriptedSocket.last.drops(4001)
    vi.advanceTimersByTime(120_000)

    expect(heard.ended).toBe(1)
    expect(ScriptedSocket.all).toHaveLength(1)
  })

  it('waits longer from try to try, never all consoles at once', () => {
    expect(backOff(0, () => 0)).toBe(250)
    expect(backOff(0, () => 1)).toBe(500)
    expect(backOff(20, () => 1)).toBe(20_000)
  })
})
