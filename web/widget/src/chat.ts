/** The conversation: who we are, what waits to be sent, what came, and through which pipe. */

import { Api, Refusal, type Outgoing } from './api'
import { waitBefore } from './backoff'
import { Connection, type Listener } from './connection'
import { newId } from './ids'
import { firstState, type State, type Store, type View } from './store'
import type { Memory } from './storage'
import { merged, named, newestFromAgent, oldestId, standIn, stillPending, unread, within } from './thread'
import type { ArticleFound, Attributes, Case, FileInfo, Frame, Message, Pending, SessionInfo } from './types'
import { Uploads } from './uploads'
import { complain } from './public'
import type { Words } from './words'

export type EventName = 'open' | 'close' | 'message' | 'sent' | 'unread' | 'identified' | 'rated'
export type Tell = (event: EventName, detail: unknown) => void

const POLL_OPEN_MS = 4_000
const POLL_CLOSED_MS = 20_000
const TYPING_EVERY_MS = 3_000
const TYPING_ENDS_MS = 5_000
const AGENT_TYPING_MS = 8_000

export class Chat implements Listener {
  readonly uploads: Uploads
  private readonly connection: Connection
  private readonly inFlight = new Set<string>()
  private starting: Promise<void> | null = null
  private identity: string | undefined
  private chosen = ''
  /** All that was ever said is here: no conversation has more. */
  private wholeHistory = false
  private readonly attributes: Attributes = {}
  private overHttp = false
  private sendingOverHttp = false
  private tries = 0
  private poll: ReturnType<typeof setTimeout> | undefined
  private again: ReturnType<typeof setTimeout> | undefined
  /** The newest answer that we said we read: said again on every new connection, for the last one may not have carried it. */
  private readUpTo: string | null = null
  private typingTold = 0
  private typingEnd: ReturnType<typeof setTimeout> | undefined
  private agentTyping: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly api: Api,
    private readonly memory: Memory,
    readonly store: Store,
    public words: Words,
    private readonly tell: Tell,
    connection?: (listener: Listener) => Connection,
  ) {
    this.connection = connection ? connection(this) : new Connection(api.socketUrl, this)
    this.uploads = new Uploads(api, store, () => this.words, () => this.beSomebody())
  }

  /** Pick up where this browser left off; without a past, ask nothing of the center. */
  start(): void {
    this.api.token = this.memory.token
    this.store.set({ pending: this.memory.pending() })
    if (this.api.token) this.connect()
    else if (this.store.state.pending.length) this.resume()
  }

  /** Leave the page: no timer, no socket, nothing that draws. */
  stop(): void {
    this.connection.close()
    for (const timer of [this.poll, this.again, this.typingEnd, this.agentTyping]) clearTimeout(timer)
    this.overHttp = false
  }

  // --- What the person at the page does ---

  setOpen(open: boolean): void {
    if (open === this.store.state.open) return
    this.store.set({ open, notice: '', ...(open ? this.opensAt() : { greeting: null }) })
    this.tell(open ? 'open' : 'close', null)
    if (open) this.markRead()
  }

  /** Somebody who has not written yet may find the answer alone; an unread answer is shown first. */
  private opensAt(): Partial<State> {
    const { info, messages, pending } = this.store.state
    if (info.articles && !this.store.state.greeting && !messages.length && !pending.length) return { view: 'home' }
    if (this.store.state.greeting) return { view: 'thread' }
    const fresh = messages.find((one) => !one.read)
    return fresh ? { view: 'thread', current: fresh.conversation, begins: null } : {}
  }

  go(view: View): void {
    this.store.set({ view, notice: '' })
    if (view === 'thread') this.markRead()
    else if (view === 'home') void this.listConversations().catch(() => undefined)
  }

  // --- Several conversations ---

  async listConversations(): Promise<void> {
    if (!this.api.token) return
    const conversations = await this.api.conversations()
    this.cases(conversations)
  }

  /** Show one of the past conversations, and go on in it. */
  async show(id: string): Promise<void> {
    this.store.set({ current: id, begins: null, view: 'thread', notice: '', seen: false })
    if (within(this.store.state.messages, id).length) this.store.set({ earlier: !this.wholeHistory })
    else {
      const page = await this.api.messages({ conversation: id })
      this.store.set({ messages: merged(this.store.state.messages, page.items), earlier: page.more })
    }
    this.markRead()
  }

  /** The next word begins another conversation; nothing is stored before it. */
  startNew(): void {
    const begins = this.store.state.conversations.length ? newId() : null
    this.store.set({ current: null, begins, view: 'thread', notice: '', seen: false })
  }

  async rate(score: number, comment: string): Promise<void> {
    const { current } = this.store.state
    if (!current) return
    const rated = await this.api.rate({ conversation: current, score, comment })
    this.changed(rated)
    this.tell('rated', { score, comment })
  }

  /** The latest is what had no number yet; what is on the screen keeps its place under its number. */
  private cases(told: readonly Case[]): void {
    const { state } = this.store
    const titles = new Map(state.conversations.map((one) => [one.id, one.title]))
    const conversations = told.map((one) => ({ ...one, title: one.title || titles.get(one.id) || '' }))
    const latest = conversations[0]?.id
    if (latest === undefined || state.begins) return this.store.set({ conversations })
    const current = state.current ?? latest
    this.store.set({ conversations, current, messages: named(state.messages, latest) })
  }

  private changed(one: Case): void {
    const others = this.store.state.conversations.filter((other) => other.id !== one.id)
    const title = one.title || this.store.state.conversations.find((other) => other.id === one.id)?.title || ''
    this.store.set({ conversations: [{ ...one, title }, ...others].sort((a, b) => Date.parse(b.at) - Date.parse(a.at)) })
  }

  findArticles(words: string): Promise<ArticleFound[]> {
    return this.api.articles(words, this.store.state.info.locale)
  }

  async read(slug: string): Promise<void> {
    const article = await this.api.article(slug, this.store.state.info.locale)
    this.store.set({ article, view: 'article' })
  }

  /** A quick reply is said as it stands there; who must introduce themselves first does so first. */
  choose(text: string): void {
    const { introduced, agreed } = this.store.state
    if (introduced && agreed) this.send(text)
    else this.chosen = text
  }

  send(text: string): boolean {
    const { uploads } = this.store.state
    const files = uploads.flatMap((upload): FileInfo[] => (upload.done ? [upload.done] : []))
    const said = text.trim()
    if ((!said && !files.length) || files.length < uploads.length) return false
    const { current, begins, conversations } = this.store.state
    // One conversation needs no name: what is said goes to the latest.
    const conversation = conversations.length > 1 ? current : null
    const at = new Date().toISOString()
    const greeting = this.store.state.greeting?.id ?? ''
    const message: Pending = { id: newId(), text: said, files, at, state: 'waiting', reason: '', conversation, begins, greeting }
    this.memory.keep(message)
    this.store.set({ pending: [...this.store.state.pending, message], uploads: [], seen: false, greeting: null, notice: '' })
    this.typingTold = 0
    clearTimeout(this.typingEnd)
    this.resume()
    return true
  }

  retry(id: string): void {
    this.change(id, { state: 'waiting', reason: '' })
    this.resume()
  }

  discard(id: string): void {
    this.memory.drop(id)
    this.store.set({ pending: this.store.state.pending.filter((one) => one.id !== id) })
  }

  /** Tell the agents that somebody writes; no more often than they can notice. */
  typing(): void {
    if (!this.api.token) return
    clearTimeout(this.typingEnd)
    this.typingEnd = setTimeout(() => this.tellTyping(false), TYPING_ENDS_MS)
    if (Date.now() - this.typingTold > TYPING_EVERY_MS) this.tellTyping(true)
  }

  async introduce(name: string, email: string): Promise<void> {
    if (name || email) {
      await this.beSomebody()
      const visitor = await this.api.details({ name, email })
      this.store.set({ visitor })
    }
    this.store.set({ introduced: true, notice: '' })
    this.sayChosen()
  }

  /** The visitor agrees that what they write is stored. */
  async agree(): Promise<void> {
    if (this.store.state.agreed) return
    this.memory.agree()
    this.store.set({ agreed: true })
    if (this.identity) await this.identify(this.identity)
    if (this.store.state.introduced) this.sayChosen()
  }

  /** Consent is taken back: the browser forgets, and the center forgets the browser. */
  async disagree(): Promise<void> {
    await this.leave()
    this.memory.disagree()
    this.store.set({ agreed: !this.store.state.info.consent })
  }

  /** Open where a greeting was said, to answer it. */
  answer(choice = ''): void {
    this.setOpen(true)
    this.store.set({ view: 'thread' })
    if (choice) this.choose(choice)
  }

  private sayChosen(): void {
    const { chosen } = this
    this.chosen = ''
    if (chosen) this.send(chosen)
  }

  async showEarlier(): Promise<void> {
    const { current } = this.store.state
    const before = oldestId(within(this.store.state.messages, current))
    if (before === null) return
    const page = await this.api.messages({ before, conversation: current })
    this.store.set({ messages: merged(this.store.state.messages, page.items), earlier: page.more })
  }

  markRead(): void {
    const { state } = this.store
    const newest = newestFromAgent(within(state.messages, state.current))
    if (!state.open || state.view !== 'thread' || document.visibilityState === 'hidden' || !newest) return
    if (newest.read) return
    const messages = state.messages.map((one) => (one.conversation === state.current && !one.read ? { ...one, read: true } : one))
    this.store.set({ messages })
    this.tell('unread', unread(messages))
    this.readUpTo = newest.id
    if (!this.sayRead()) void this.api.read(newest.id).catch(() => undefined)
  }

  private sayRead(): boolean {
    return this.readUpTo !== null && this.connection.send({ type: 'read', message_id: this.readUpTo })
  }

  // --- What the page around us does ---

  /** Speak as a user of the site from now on; the site's server has signed who that is. */
  async identify(identity: string): Promise<void> {
    this.identity = identity
    if (!this.store.state.agreed) return
    await this.newSession()
    this.connection.close()
    this.connect()
    this.tell('identified', { name: this.store.state.visitor?.name ?? '' })
  }

  /** Facts for the agents. Until somebody writes nobody is made a visitor; they go with the first word. */
  async setAttributes(attributes: Attributes): Promise<void> {
    Object.assign(this.attributes, attributes)
    if (this.api.token) await this.api.attributes(attributes)
  }

  /** Sign out: this browser forgets the conversation, and the center forgets this browser. */
  async leave(): Promise<void> {
    const gone = this.api.token ? this.api.leave().catch(() => undefined) : undefined
    this.identity = undefined
    this.memory.forget()
    this.nobody()
    await gone
  }

  fileBytes(id: string): Promise<Blob> {
    return this.api.file(id)
  }

  /** Another tab has signed out or become somebody else. */
  tokenChanged(): void {
    if (this.memory.token === this.api.token) return
    this.nobody()
    this.api.token = this.memory.token
    if (this.api.token) this.connect()
  }

  wake(): void {
    this.connection.hurry()
    this.markRead()
  }

  // --- What the socket says ---

  hello(): object | null {
    if (!this.api.token) return null
    return { type: 'hello', token: this.api.token, after: this.store.state.cursor }
  }

  up(): void {
    this.overHttp = false
    clearTimeout(this.poll)
    this.inFlight.clear()
    this.store.set({ link: 'up' })
    this.flush()
    this.sayRead()
    this.markRead()
  }

  down(stuck: boolean): void {
    this.inFlight.clear()
    this.store.set({ link: 'down', typing: null })
    if (stuck && !this.overHttp) {
      this.overHttp = true
      void this.pollOnce()
    }
  }

  unknownToken(): void {
    this.memory.token = null
    this.nobody()
    this.store.set({ pending: this.memory.pending() })
    if (this.identity || this.store.state.pending.length) this.resume()
  }

  frame(frame: Frame): void {
    switch (frame.type) {
      case 'welcome':
        this.store.set({ visitor: frame.visitor, online: frame.online })
        this.known(frame)
        break
      case 'message':
        this.arrived([frame.message])
        this.store.set({ cursor: Math.max(frame.cursor, this.store.state.cursor ?? 0) })
        break
      case 'ack':
        this.kept(frame.id, frame.at, frame.conversation)
        break
      case 'refused':
        if (frame.id) this.refused(frame.id, frame.retry, frame.message)
        else if (frame.retry) this.sayAgain()
        break
      case 'conversation':
        this.changed(frame.conversation)
        break
      case 'typing':
        this.showTyping(frame.typing ? frame.name || this.words.agent : null)
        break
      case 'seen':
        this.store.set({ seen: true })
        break
      case 'status':
        this.store.set({ online: frame.online })
        break
      default:
    }
  }

  // --- Being somebody ---

  private async beSomebody(): Promise<void> {
    if (this.api.token) return
    this.starting ??= this.newSession().finally(() => (this.starting = null))
    await this.starting
    this.connect()
  }

  private async newSession(): Promise<void> {
    const { locale } = this.store.state.info
    const page = (location.origin + location.pathname).slice(0, 500)
    const who = this.identity ? { identity: this.identity } : {}
    const about = { ...who, locale, page, ...(this.store.state.info.consent ? { consent: this.store.state.agreed } : {}) }
    const session: SessionInfo = await this.api.session(about)
    if (session.token !== this.api.token) this.forgetThread()
    this.api.token = this.memory.token = session.token
    this.store.set({ visitor: session.visitor, online: session.online })
    this.known(session)
    if (Object.keys(this.attributes).length) await this.api.attributes(this.attributes).catch(complain)
  }

  private known(told: Omit<SessionInfo, 'token'>): void {
    const { state } = this.store
    const { visitor, messages } = told
    const earlier = state.messages.length ? state.earlier : told.earlier
    if (!state.messages.length) this.wholeHistory = !told.earlier
    const introduced = state.introduced || visitor.verified || Boolean(visitor.name || visitor.email) || messages.length > 0
    this.store.set({ introduced, earlier, cursor: told.cursor })
    this.cases(told.conversations)
    this.arrived(messages)
  }

  private nobody(): void {
    this.connection.close()
    clearTimeout(this.poll)
    this.overHttp = false
    this.api.token = null
    this.forgetThread()
    const fresh = firstState(this.store.state.info)
    this.store.set({ link: 'idle', visitor: null, introduced: fresh.introduced, typing: null })
  }

  private forgetThread(): void {
    this.inFlight.clear()
    this.readUpTo = null
    this.store.set({ messages: [], earlier: false, pending: this.memory.pending(), cursor: null, seen: false })
    this.store.set({ conversations: [], current: null, begins: null, view: 'thread' })
  }

  private connect(): void {
    if (this.store.state.link === 'idle') this.store.set({ link: 'connecting' })
    this.connection.open()
  }

  // --- Sending ---

  private resume(): void {
    clearTimeout(this.again)
    this.beSomebody()
      .then(() => {
        this.tries = 0
        this.flush()
      })
      .catch((error: unknown) => this.stumbled(error))
  }

  private stumbled(error: unknown): void {
    const told = error instanceof Refusal ? error : new Refusal(0, 'unreachable', '', 0)
    if (told.passing) {
      this.tries += 1
      if (!this.api.token) this.store.set({ link: 'down' })
      this.again = setTimeout(() => this.resume(), Math.max(told.retryAfterMs, waitBefore(this.tries)))
    } else {
      this.store.set({ notice: told.code === 'sign_in_required' ? this.words.signIn : told.message || this.words.trouble })
    }
  }

  private flush(): void {
    if (this.connection.ready) {
      for (const message of this.waiting()) {
        if (!this.inFlight.has(message.id) && this.connection.send({ type: 'message', ...outgoing(message) })) {
          this.inFlight.add(message.id)
        }
      }
    } else if (this.overHttp) void this.flushOverHttp()
  }

  private async flushOverHttp(): Promise<void> {
    if (this.sendingOverHttp) return
    this.sendingOverHttp = true
    try {
      for (let next = this.waiting()[0]; next && this.overHttp; next = this.waiting()[0]) {
        await this.api.send(outgoing(next)).then(
          (kept) => this.kept(kept.id, kept.at, kept.conversation),
          (error: unknown) => {
            if (error instanceof Refusal && !error.passing) this.refused(next!.id, false, error.message)
            else throw error
          },
        )
      }
    } catch {
      // The next poll tries again; the messages wait in the outbox.
    } finally {
      this.sendingOverHttp = false
    }
  }

  private waiting(): Pending[] {
    return this.store.state.pending.filter((one) => one.state === 'waiting')
  }

  private kept(id: string, at: string, conversation: string | null): void {
    const { pending, messages } = this.store.state
    const message = pending.find((one) => one.id === id)
    this.inFlight.delete(id)
    this.memory.drop(id)
    if (!message) return
    const placed = { ...message, conversation: conversation ?? message.conversation ?? (message.begins ? null : this.latest) }
    this.store.set({ messages: merged(messages, [standIn(placed, at)]), pending: pending.filter((one) => one.id !== id) })
    this.placed(placed, conversation)
    this.tell('sent', { id })
  }

  /** A word of ours has found its conversation: learn its number, and that it goes on. */
  private placed(message: Pending, conversation: string | null): void {
    const { state } = this.store
    if (conversation && message.begins) {
      const mine = state.begins === message.begins
      this.store.set({ messages: named(state.messages, conversation), pending: named(state.pending, conversation) })
      if (mine) this.store.set({ current: conversation, begins: null })
      this.changed({ id: conversation, at: message.at, ended: false, rating: null, title: message.text })
    } else if (!state.conversations.length) void this.listConversations().catch(() => undefined)
    else void this.reopened(message).catch(() => undefined)
  }

  /** Who writes where it was over goes on there, or, when it is closed for good, in a new one. */
  private async reopened(message: Pending): Promise<void> {
    const over = this.store.state.conversations.find((one) => one.id === message.conversation)
    if (!over?.ended) return
    this.changed({ ...over, ended: false })
    const [first] = await this.api.conversations()
    if (!first || first.id === over.id) return
    const messages = this.store.state.messages.map((one) => (one.id === `~${message.id}` ? { ...one, conversation: first.id } : one))
    this.changed({ ...over, ended: true })
    this.changed(first)
    this.store.set({ messages, current: first.id })
  }

  private get latest(): string | null {
    return this.store.state.conversations[0]?.id ?? null
  }

  private refused(id: string, retry: boolean, reason: string): void {
    this.inFlight.delete(id)
    if (retry) this.sayAgain()
    else this.change(id, { state: 'failed', reason })
  }

  private sayAgain(): void {
    this.tries += 1
    clearTimeout(this.again)
    this.again = setTimeout(() => {
      this.flush()
      this.sayRead()
    }, waitBefore(this.tries + 1))
  }

  private change(id: string, change: Partial<Pending>): void {
    const pending = this.store.state.pending.map((one) => (one.id === id ? { ...one, ...change } : one))
    for (const one of pending) if (one.id === id) this.memory.keep(one)
    this.store.set({ pending })
  }

  // --- Receiving ---

  private arrived(messages: readonly Message[]): void {
    this.strange(messages)
    const { state } = this.store
    const { latest } = this
    const before = unread(state.messages)
    const known = new Set(state.messages.map((one) => one.id))
    const all = merged(state.messages, latest ? named(messages, latest) : messages)
    const pending = stillPending(state.pending, all)
    for (const one of state.pending) if (!pending.includes(one)) this.memory.drop(one.id)
    this.store.set({ messages: all, pending, ...(messages.some((one) => one.from === 'agent') ? { typing: null } : {}) })
    const newest = newestFromAgent(messages)
    if (newest) this.connection.send({ type: 'received', message_id: newest.id })
    this.markRead()
    const after = unread(this.store.state.messages)
    if (after !== before) this.tell('unread', after)
    for (const one of messages) if (!one.read && !known.has(one.id)) this.tell('message', { name: one.name, text: one.text, at: one.at })
  }

  /** A message of a conversation that we do not know yet: our first one, or one begun elsewhere. */
  private strange(messages: readonly Message[]): void {
    const { conversations, begins } = this.store.state
    const known = new Set(conversations.map((one) => one.id))
    const fresh = messages.find((one) => one.conversation !== null && !known.has(one.conversation))
    if (!fresh) return
    const told: Case = { id: fresh.conversation!, at: fresh.at, ended: false, rating: null, title: '' }
    if (!conversations.length && !begins) this.cases([told])
    else this.changed(told)
  }

  private async pollOnce(): Promise<void> {
    if (!this.overHttp || !this.api.token) return
    try {
      const page = await this.api.messages({ after: this.store.state.cursor })
      this.arrived(page.items)
      this.store.set({ link: 'up', cursor: page.cursor })
      await this.flushOverHttp()
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) return this.unknownToken()
      this.store.set({ link: 'down' })
    }
    this.poll = setTimeout(() => void this.pollOnce(), this.store.state.open ? POLL_OPEN_MS : POLL_CLOSED_MS)
  }

  // --- Typing ---

  private tellTyping(typing: boolean): void {
    this.typingTold = typing ? Date.now() : 0
    if (!this.connection.send({ type: 'typing', typing }) && this.overHttp) void this.api.typing(typing).catch(() => undefined)
  }

  private showTyping(name: string | null): void {
    clearTimeout(this.agentTyping)
    if (name) this.agentTyping = setTimeout(() => this.store.set({ typing: null }), AGENT_TYPING_MS)
    this.store.set({ typing: name })
  }
}

function outgoing({ id, text, files, conversation, begins, greeting }: Pending): Outgoing {
  const where = begins ? { begins } : conversation ? { conversation } : {}
  return { id, text, attachment_ids: files.map((file) => file.id), ...where, ...(greeting ? { greeting } : {}) }
}
