/** Asks the center over HTTP. No cookies: a visitor is who holds the token. */

import type { Article, ArticleFound, Attributes, Case, Message, SessionInfo, UploadInfo, Visitor, WidgetInfo } from './types'
import { solve } from './work'

export interface MessagePage {
  items: Message[]
  /** Where to go on from. */
  cursor: number
  more: boolean
}

export interface About {
  identity?: string
  locale: string
  page: string
  consent?: boolean
}

export interface Outgoing {
  id: string
  text: string
  attachment_ids: string[]
  conversation?: string
  begins?: string
  greeting?: string
}

const ANSWER_WITHIN_MS = 20_000

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfterMs: number,
  ) {
    super(message)
  }

  /** Trying the same thing again later can succeed. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

export class Api {
  token: string | null = null

  constructor(
    private readonly host: string,
    private readonly publicKey: string,
  ) {}

  get socketUrl(): string {
    return `${this.base.replace(/^http/, 'ws')}/socket`
  }

  widget(locales: readonly string[]): Promise<WidgetInfo> {
    return this.ask('GET', `widget?locale=${encodeURIComponent(locales.slice(0, 5).join(','))}`)
  }

  /** Begin or come back; while the widget is being flooded a new visitor solves a puzzle first. */
  async session(about: About): Promise<SessionInfo> {
    try {
      return await this.begin(about)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'challenge') throw error
      const { challenge }: { challenge: string } = await this.ask('GET', 'challenge')
      return this.begin({ ...about, challenge, answer: await solve(challenge) })
    }
  }

  private begin(about: About & { challenge?: string; answer?: string }): Promise<SessionInfo> {
    return this.ask('POST', 'session', { ...about, ...(this.token ? { token: this.token } : {}) })
  }

  async leave(): Promise<void> {
    await this.ask('DELETE', 'session')
  }

  messages(where: { after?: number | null; before?: string; conversation?: string | null }): Promise<MessagePage> {
    const asked = new URLSearchParams()
    for (const [name, value] of Object.entries(where)) if (value !== null && value !== undefined) asked.set(name, String(value))
    return this.ask('GET', `messages?${asked.toString()}`)
  }

  async conversations(): Promise<Case[]> {
    const found: { items: Case[] } = await this.ask('GET', 'conversations')
    return found.items
  }

  rate(rating: { conversation: string; score: number; comment: string }): Promise<Case> {
    return this.ask('POST', 'rating', rating)
  }

  send(message: Outgoing): Promise<{ id: string; at: string; conversation: string | null }> {
    return this.ask('POST', 'messages', message)
  }

  async read(messageId: string): Promise<void> {
    await this.ask('POST', 'read', { message_id: messageId })
  }

  async typing(typing: boolean): Promise<void> {
    await this.ask('POST', 'typing', { typing })
  }

  details(about: { name: string; email: string }): Promise<Visitor> {
    return this.ask('POST', 'details', about)
  }

  async attributes(attributes: Attributes): Promise<void> {
    await this.ask('POST', 'attributes', { attributes })
  }

  async articles(words: string, locale: string): Promise<ArticleFound[]> {
    const found: { items: ArticleFound[] } = await this.ask('GET', `articles?q=${encodeURIComponent(words.slice(0, 200))}&locale=${locale}`)
    return found.items
  }

  article(slug: string, locale: string): Promise<Article> {
    return this.ask('GET', `articles/${encodeURIComponent(slug)}?locale=${locale}`)
  }

  async file(id: string): Promise<Blob> {
    const answer = await this.reach(`files/${id}`, { headers: this.headers() })
    return answer.blob()
  }

  /** Upload one file; `progress` hears the share that has left, from 0 to 1. */
  upload(file: File, progress: (share: number) => void, signal: AbortSignal): Promise<UploadInfo> {
    // fetch cannot tell how much of a body has left, XMLHttpRequest can.
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      request.open('POST', `${this.base}/uploads?name=${encodeURIComponent(file.name.slice(0, 180))}`)
      for (const [name, value] of Object.entries(this.headers())) request.setRequestHeader(name, value)
      request.setRequestHeader('Content-Type', 'application/octet-stream')
      request.upload.onprogress = (event) => progress(event.lengthComputable ? event.loaded / event.total : 0)
      request.onerror = () => reject(new Refusal(0, 'unreachable', '', 0))
      request.onload = () => {
        if (request.status === 201) resolve(JSON.parse(request.responseText) as UploadInfo)
        else reject(refusal(request.status, request.responseText, null))
      }
      signal.addEventListener('abort', () => {
        request.abort()
        reject(new Refusal(0, 'aborted', '', 0))
      })
      request.send(file)
    })
  }

  private get base(): string {
    return `${this.host}/chat/${this.publicKey}`
  }

  private headers(): Record<string, string> {
    return this.token ? { Authorization: `Visitor ${this.token}` } : {}
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const headers = this.headers()
    if (body) headers['Content-Type'] = 'application/json'
    const answer = await this.reach(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
    return (await answer.json()) as T
  }

  private async reach(path: string, init: RequestInit): Promise<Response> {
    const giveUp = new AbortController()
    const timer = setTimeout(() => giveUp.abort(), ANSWER_WITHIN_MS)
    try {
      const answer = await fetch(`${this.base}/${path}`, {
        ...init,
        credentials: 'omit',
        cache: 'no-store',
        referrerPolicy: 'no-referrer',
        signal: giveUp.signal,
      })
      if (answer.ok) return answer
      throw refusal(answer.status, await answer.text(), answer.headers.get('Retry-After'))
    } catch (error) {
      throw error instanceof Refusal ? error : new Refusal(0, 'unreachable', '', 0)
    } finally {
      clearTimeout(timer)
    }
  }
}

function refusal(status: number, body: string, retryAfter: string | null): Refusal {
  let told: { error?: string; message?: string } = {}
  try {
    told = JSON.parse(body) as typeof told
  } catch {
    // A proxy answered with a page of its own; the status says enough.
  }
  return new Refusal(status, told.error ?? 'refused', told.message ?? '', Number(retryAfter ?? 0) * 1000 || 0)
}
