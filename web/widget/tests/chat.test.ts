import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Api } from '../src/api'
import { Refusal } from '../src/api'
import { Chat } from '../src/chat'
import { Connection, type Listener } from '../src/connection'
import { firstState, Store } from '../src/store'
import { Memory, memoryShelf, type Shelf } from '../src/storage'
import type { Frame, Message, SessionInfo, WidgetInfo } from '../src/types'
import { WidgetView } from '../src/view/widget'
import { wordsFor } from '../src/words'

const info: WidgetInfo = {
  title: 'Help',
  greeting: 'Hello',
  greeting_choices: [],
  placeholder: 'Write',
  offline: 'Away',
  colour: '#2563eb',
  colour_dark: '#2563eb',
  theme: 'auto',
  position: 'right',
  launcher: { icon: 'chat', text: '', side: 20, bottom: 20 },
  locale: 'en',
  online: true,
  identity_required: false,
  pre_chat: { name: 'off', email: 'off' },
  continues_by_mail: false,
  upload: { bytes: 1000, per_message: 3 },
  text_chars: 8000,
  articles: false,
  greetings: [],
  consent: null,
  storage: 'local',
  rating: true,
}
const visitor = { id: 'v', name: '', email: '', verified: false }
const at = '2026-01-01T12:00:00Z'

/** The other end of the wire: a socket that records what it is sent and says what it is told. */
class Wire {
  readyState = 0
  sent: Record<string, unknown>[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
  }

  close(): void {
    this.readyState = 3
  }

  up(frame: Partial<Frame> = {}): void {
    this.readyState = 1
    this.onopen?.()
    this.say({ type: 'welcome', visitor, messages: [], cursor: 5, conversations: [], earlier: false, online: true, ...frame } as Frame)
  }

  say(frame: Frame): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }

  cut(code = 1006): void {
    this.readyState = 3
    this.onclose?.({ code })
  }

  said(): Record<string, unknown>[] {
    return this.sent.filter((frame) => frame['type'] === 'message')
  }
}

function session(change: Partial<SessionInfo> = {}): SessionInfo {
  return { token: 't', visitor, messages: [], cursor: 5, conversations: [], earlier: false, online: true, ...change }
}

interface Scene {
  chat: Chat
  store: Store
  memory: Memory
  wires: Wire[]
  api: Record<string, ReturnType<typeof vi.fn>> & { token: string | null }
  told: [string, unknown][]
}

function scene(shelf: Shelf = memoryShelf()): Scene {
  const wires: Wire[] = []
  const told: [string, unknown][] = []
  const memory = new Memory(shelf, 'key')
  const store = new Store(firstState(info))
  const api = {
    token: null as string | null,
    session: vi.fn(() => Promise.resolve(session())),
    send: vi.fn((message: { id: string }) => Promise.resolve({ id: message.id, at, conversation: null })),
    conversations: vi.fn(() => Promise.resolve([])),
    messages: vi.fn(() => Promise.resolve({ items: [], cursor: 6, more: false })),
    read: vi.fn(() => Promise.resolve()),
    typing: vi.fn(() => Promise.resolve()),
    leave: vi.fn(() => Promise.resolve()),
    details: vi.fn(() => Promise.resolve(visitor)),
  }
  const line = (listener: Listener): Connection =>
    new Connection('ws://center/chat/key/socket', listener, {
      socket: () => {
        const wire = new Wire()
        wires.push(wire)
        return wire as unknown as WebSocket
      },
      random: () => 0,
    })
  const chat = new Chat(api as unknown as Api, memory, store, wordsFor('en'), (event, detail) => void told.push([event, detail]), line)
  return { chat, store, memory, wires, api: api as unknown as Scene['api'], told }
}

const answer = (id: string, seconds: number): Message => ({
  id,
  client_id: null,
  from: 'agent',
  name: 'Iryna',
  text: 'Here you are',
  conversation: 'c1',
  read: false,
  choices: [],
  at: new Date(Date.parse(at) + seconds * 1000).toISOString(),
  files: [],
})

async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0)
}

beforeEach(() => {
  vi.useFakeTimers()
  return () => vi.useRealTimers()
})

describe('a message', () => {
  it('is nobody’s business before the first word', () => {
    const { chat, api, wires } = scene()
    chat.start()
    chat.setOpen(true)
    expect(api['session']).not.toHaveBeenCalled()
    expect(wires).toHaveLength(0)
  })

  it('is remembered before it leaves and forgotten only when the center keeps it', async () => {
    const { chat, memory, store, wires } = scene()
    chat.send('Where is my parcel?')
    await settled()
    wires[0]!.up()
    const { id } = wires[0]!.said()[0] as { id: string }
    expect(memory.pending().map((one) => one.id)).toEqual([id])

    wires[0]!.say({ type: 'ack', id, at, conversation: null })

    expect(memory.pending()).toEqual([])
    expect(store.state.messages.map((one) => one.client_id)).toEqual([id])
  })

  it('is sent again with the same id after every cut, until it is acknowledged', async () => {
    const { chat, wires, store } = scene()
    chat.send('Hello?')
    await settled()
    wires[0]!.up()
    wires[0]!.cut()
    await vi.advanceTimersByTimeAsync(5_000)
    wires[1]!.up()
    wires[1]!.cut()
    await vi.advanceTimersByTimeAsync(5_000)
    wires[2]!.up()

    const ids = wires.slice(0, 3).map((wire) => wire.said()[0]!['id'])
    expect(new Set(ids).size).toBe(1)
    expect(wires[2]!.said()).toHaveLength(1)
    expect(store.state.pending).toHaveLength(1)
  })

  it('is not sent again when the conversation shows that it arrived before the cut', async () => {
    const { chat, wires, store } = scene()
    chat.send('Hello?')
    await settled()
    wires[0]!.up()
    const id = String(wires[0]!.said()[0]!['id'])
    wires[0]!.cut()
    await vi.advanceTimersByTimeAsync(5_000)

    wires[1]!.up({ messages: [{ ...answer('m1', 0), from: 'visitor', client_id: id }] } as Partial<Frame>)

    expect(wires[1]!.said()).toEqual([])
    expect(store.state.pending).toEqual([])
    expect(store.state.messages.map((one) => one.id)).toEqual(['m1'])
  })

  it('survives a reload and leaves with the next page', async () => {
    const shelf = memoryShelf()
    const before = scene(shelf)
    before.chat.send('Hello?')
    await settled()

    const after = scene(shelf)
    after.chat.start()
    await settled()
    after.wires[0]!.up()

    expect(after.wires[0]!.said().map((frame) => frame['text'])).toEqual(['Hello?'])
  })

  it('goes over HTTP where sockets do not get through', async () => {
    const { chat, wires, api, store } = scene()
    chat.send('Hello?')
    await settled()
    for (let turn = 0; turn < 3; turn += 1) {
      wires[turn]!.cut()
      await vi.advanceTimersByTimeAsync(30_000)
    }

    expect(api['send']).toHaveBeenCalledTimes(1)
    expect(store.state.pending).toEqual([])
    expect(store.state.cursor).toBe(6)
  })

  it('that is refused for good says why and can be thrown away', async () => {
    const { chat, wires, store, memory } = scene()
    chat.send('Hello?')
    await settled()
    wires[0]!.up()
    const id = String(wires[0]!.said()[0]!['id'])
    wires[0]!.say({ type: 'refused', id, error: 'invalid', message: 'too long', retry: false })
    expect(store.state.pending[0]).toMatchObject({ state: 'failed', reason: 'too long' })

    chat.discard(id)

    expect([store.state.pending, memory.pending()]).toEqual([[], []])
  })

  it('that the center cannot take now is tried again', async () => {
    const { chat, wires } = scene()
    chat.send('Hello?')
    await settled()
    wires[0]!.up()
    const id = String(wires[0]!.said()[0]!['id'])
    wires[0]!.say({ type: 'refused', id, error: 'overloaded', message: '', retry: true })
    await vi.advanceTimersByTimeAsync(5_000)

    expect(wires[0]!.said().map((frame) => frame['id'])).toEqual([id, id])
  })
})

describe('an answer', () => {
  it('is acknowledged, counted while closed, and read when the panel opens', async () => {
    const { chat, memory, wires, store, told } = scene()
    memory.token = 't'
    chat.start()
    wires[0]!.up()
    wires[0]!.say({ type: 'message', message: answer('a1', 1), cursor: 9 })
    expect(wires[0]!.sent).toContainEqual({ type: 'received', message_id: 'a1' })
    expect(told).toContainEqual(['unread', 1])
    expect(store.state.cursor).toBe(9)

    chat.setOpen(true)

    expect(wires[0]!.sent).toContainEqual({ type: 'read', message_id: 'a1' })
    expect(told.at(-1)).toEqual(['unread', 0])
  })

  const read = { type: 'read', message_id: 'a1' }

  async function readOnce(): Promise<Scene> {
    const made = scene()
    made.memory.token = 't'
    made.chat.start()
    made.wires[0]!.up()
    made.wires[0]!.say({ type: 'message', message: answer('a1', 1), cursor: 9 })
    made.chat.setOpen(true)
    expect(made.wires[0]!.sent).toContainEqual(read)
    return made
  }

  it('whose read mark may have gone down with its socket is marked again on the next', async () => {
    const { wires } = await readOnce()
    wires[0]!.cut()
    await vi.advanceTimersByTimeAsync(5_000)
    wires[1]!.up()

    expect(wires[1]!.sent).toContainEqual(read)
  })

  it('whose read mark the center could not keep just now is marked again later', async () => {
    const { wires } = await readOnce()
    const marks = (): number => wires[0]!.sent.filter((frame) => frame['type'] === 'read').length

    wires[0]!.say({ type: 'refused', id: null, error: 'overloaded', message: '', retry: true })
    await vi.advanceTimersByTimeAsync(10_000)

    expect(marks()).toBe(2)
  })

  it('that was missed is asked for from where we stood', async () => {
    const { chat, memory, wires } = scene()
    memory.token = 't'
    chat.start()
    wires[0]!.up()
    wires[0]!.say({ type: 'message', message: answer('a1', 1), cursor: 9 })
    wires[0]!.cut()
    await vi.advanceTimersByTimeAsync(5_000)
    wires[1]!.up()

    expect(wires[1]!.sent[0]).toEqual({ type: 'hello', token: 't', after: 9 })
  })
})

describe('a visitor', () => {
  it('whose token is not known any more begins anew and loses no word', async () => {
    const { chat, memory, wires, api } = scene()
    memory.token = 'old'
    chat.start()
    chat.send('Still here?')
    await settled()
    wires[0]!.cut(4001)
    await settled()
    wires[1]!.up()

    expect(api['session']).toHaveBeenCalledTimes(1)
    expect(wires[1]!.said().map((frame) => frame['text'])).toEqual(['Still here?'])
  })

  it('who signs out leaves nothing behind', async () => {
    const { chat, memory, store, wires, api } = scene()
    memory.token = 't'
    chat.start()
    wires[0]!.up({ messages: [answer('a1', 1)] } as Partial<Frame>)

    await chat.leave()

    expect(api['leave']).toHaveBeenCalled()
    expect([memory.token, store.state.messages, store.state.visitor]).toEqual([null, [], null])
  })

  it('who becomes somebody else sees nothing of who was here before', async () => {
    const { chat, memory, store, wires, api } = scene()
    memory.token = 't'
    chat.start()
    wires[0]!.up({ messages: [answer('a1', 1)] } as Partial<Frame>)
    api['session']!.mockResolvedValueOnce(session({ token: 'other' }))

    await chat.identify('signed')

    expect(memory.token).toBe('other')
    expect(store.state.messages).toEqual([])
  })

  it('is told when the site must sign them in first', async () => {
    const { chat, store, api } = scene()
    api['session']!.mockRejectedValueOnce(new Refusal(401, 'sign_in_required', '', 0))
    chat.send('Hello?')
    await settled()

    expect(store.state.notice).toBe(wordsFor('en').signIn)
  })
})

describe('the widget on the page', () => {
  it('shows markup as text, whoever wrote it', () => {
    const { chat, memory, wires } = scene()
    memory.token = 't'
    let root: ShadowRoot | undefined
    const attach = Element.prototype.attachShadow
    const spy = vi.spyOn(Element.prototype, 'attachShadow').mockImplementation(function (this: Element, init) {
      root = attach.call(this, { ...init, mode: 'open' })
      return root
    })
    new WidgetView(chat, wordsFor('en'), { box: null, direction: null, nonce: '' })
    expect(spy.mock.calls[0]![0]).toMatchObject({ mode: 'closed' })
    spy.mockRestore()
    chat.start()

    const nasty = '<img src=x onerror=alert(1)>'
    wires[0]!.up({ messages: [{ ...answer('a1', 1), text: nasty, name: nasty }] } as Partial<Frame>)

    expect(root!.querySelector('img')).toBeNull()
    expect(root!.querySelector('.row:last-child .bubble')!.textContent).toBe(nasty)
  })
})
