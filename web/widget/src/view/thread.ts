/** The conversation on the screen: groups, days, files, marks; stays where the reader is. */

import { pieces } from '../links'
import type { Chat } from '../chat'
import type { State } from '../store'
import { isStandIn, newestFromAgent, startsGroup, within } from '../thread'
import type { FileInfo, Message, Pending } from '../types'
import type { Words } from '../words'
import { attribute, element, icon, say } from './dom'
import { drawn, save } from './pictures'
import { RatingView } from './rating'
import { canView, view } from './viewer'

const NEAR_END_PX = 60

export class ThreadView {
  readonly root: HTMLElement
  private readonly log: HTMLElement
  private readonly jump: HTMLButtonElement
  /** The reader stands at the end and wants to stay there, whatever grows or shrinks. */
  private pinned = true
  private readonly rows = new Map<string, { row: HTMLElement; print: string }>()
  private readonly earlier: HTMLButtonElement
  private readonly greeting: HTMLElement
  private readonly rating: RatingView

  constructor(
    private readonly chat: Chat,
    private readonly words: Words,
    private readonly locale: string,
  ) {
    this.rating = new RatingView(chat, words)
    this.greeting = this.bubbleRow('theirs group', '', chat.store.state.info.greeting)
    this.earlier = element('button', { class: 'earlier', text: words.earlier, attributes: { type: 'button' } })
    this.earlier.addEventListener('click', () => void chat.showEarlier().catch(() => undefined))
    this.log = element('div', {
      class: 'log',
      attributes: { role: 'log', 'aria-live': 'polite', 'aria-label': words.conversation, tabindex: '0' },
      on: { scroll: () => this.scrolled() },
    })
    this.jump = element('button', { class: 'jump', attributes: { type: 'button', hidden: true } }, icon('down'), words.newMessages)
    this.jump.addEventListener('click', () => this.toEnd())
    this.root = element('div', { class: 'stage' }, this.log, this.jump)
    if (typeof ResizeObserver === 'function') new ResizeObserver(() => this.stay()).observe(this.log)
  }

  draw(state: State, before: State): void {
    const height = this.log.scrollHeight
    const [shown, past] = [within(state.messages, state.current), within(before.messages, before.current)]
    const wanted = this.wanted({ ...state, messages: shown, pending: this.here(state) })
    this.place(wanted)
    if (state.current !== before.current && past[0]?.id !== shown[0]?.id) this.toEnd()
    else if (past.length && shown[0]?.id !== past[0]?.id) this.log.scrollTop += this.log.scrollHeight - height
    else if (this.pinned || state.pending.length > before.pending.length) this.toEnd()
    else if (newestFromAgent(shown)?.id !== newestFromAgent(past)?.id) this.jump.hidden = false
  }

  /** What waits to be sent to the conversation on the screen. */
  private here(state: State): Pending[] {
    return state.pending.filter((one) => (one.begins ? one.begins === state.begins : one.conversation === null ? !state.begins : one.conversation === state.current))
  }

  toEnd(): void {
    this.log.scrollTop = this.log.scrollHeight
    this.pinned = true
    this.jump.hidden = true
  }

  private stay(): void {
    if (this.pinned) this.toEnd()
  }

  private scrolled(): void {
    this.pinned = this.atEnd()
    if (this.pinned) this.jump.hidden = true
  }

  private atEnd(): boolean {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END_PX
  }

  private wanted(state: State): HTMLElement[] {
    const rows: HTMLElement[] = []
    this.earlier.hidden = !state.earlier
    rows.push(this.earlier)
    if (!state.earlier && state.info.greeting && !state.greeting) rows.push(this.greeting)
    if (state.greeting && !state.messages.length) rows.push(this.row(`greeting:${state.greeting.id}`, '', () => this.bubbleRow('theirs group', '', state.greeting!.text)))
    let before: Message | undefined
    const lastMine = lastOf(state.messages)
    for (const message of state.messages) {
      if (!before || day(before.at) !== day(message.at)) rows.push(this.dayRow(message.at))
      const mark = message === lastMine && !state.pending.length ? (state.seen ? 'seen' : 'sent') : ''
      rows.push(this.messageRow(message, startsGroup(message, before), mark))
      before = message
    }
    for (const pending of state.pending) rows.push(this.pendingRow(pending))
    const over = state.conversations.find((one) => one.id === state.current)
    if (over?.ended && state.info.rating && !state.pending.length) rows.push(this.rating.rootFor(over))
    const choices = over?.ended ? [] : this.offered(state)
    if (choices.length) rows.push(this.choiceRow(choices))
    return rows
  }

  /** What may be answered with one press: what the last word offers, until somebody has said more. */
  private offered(state: State): readonly string[] {
    if (state.pending.length) return []
    const last = state.messages[state.messages.length - 1]
    if (state.greeting) return state.greeting.choices
    return last ? last.choices : state.info.greeting_choices
  }

  private choiceRow(choices: readonly string[]): HTMLElement {
    return this.row('choices', choices.join('\n'), () => {
      const row = element('div', { class: 'choices', attributes: { role: 'group', 'aria-label': this.words.choices } })
      for (const choice of choices) {
        row.append(element('button', { text: choice, attributes: { type: 'button', dir: 'auto' }, on: { click: () => this.chat.choose(choice) } }))
      }
      return row
    })
  }

  /** Make the log hold exactly `wanted`, moving nothing that already stands right. */
  private place(wanted: readonly HTMLElement[]): void {
    const keep = new Set<Node>(wanted)
    for (const child of [...this.log.children]) if (!keep.has(child)) child.remove()
    wanted.forEach((row, index) => {
      if (this.log.children[index] !== row) this.log.insertBefore(row, this.log.children[index] ?? null)
    })
    for (const [key, kept] of this.rows) if (!keep.has(kept.row)) this.rows.delete(key)
  }

  private row(key: string, print: string, make: () => HTMLElement): HTMLElement {
    const known = this.rows.get(key)
    if (known?.print === print) return known.row
    const row = make()
    this.rows.set(key, { row, print })
    return row
  }

  private dayRow(at: string): HTMLElement {
    return this.row(`day:${day(at)}`, '', () => element('div', { class: 'day', text: this.dayWords(at) }))
  }

  private messageRow(message: Message, group: boolean, mark: string): HTMLElement {
    const mine = message.from === 'visitor'
    return this.row(mine ? `mine:${message.client_id ?? message.id}` : message.id, `${group}${mark}${isStandIn(message)}`, () => {
      const who = mine ? this.words.you : message.name || this.words.agent
      const row = this.bubbleRow(`${mine ? 'mine' : 'theirs'}${group ? ' group' : ''}`, who, message.text)
      if (message.files.length) row.append(this.fileList(message.files))
      const time = this.time(message.at)
      row.append(
        element(
          'div',
          { class: 'under' },
          element('time', { text: time, attributes: { datetime: message.at } }),
          mark && icon(mark === 'seen' ? 'checks' : 'check'),
          mark && element('span', { text: mark === 'seen' ? this.words.seen : this.words.sent }),
        ),
      )
      return row
    })
  }

  private pendingRow(pending: Pending): HTMLElement {
    return this.row(`mine:${pending.id}`, `pending ${pending.state} ${pending.reason}`, () => {
      const row = this.bubbleRow('mine', this.words.you, pending.text)
      if (pending.files.length) row.append(this.fileList(pending.files))
      if (pending.state === 'waiting') {
        row.append(element('div', { class: 'under' }, icon('clock'), element('span', { text: this.words.sending })))
      } else {
        const retry = element('button', { text: this.words.retry, attributes: { type: 'button' } })
        const discard = element('button', { text: this.words.discard, attributes: { type: 'button' } })
        retry.addEventListener('click', () => this.chat.retry(pending.id))
        discard.addEventListener('click', () => this.chat.discard(pending.id))
        const told = pending.reason ? `${this.words.failed}: ${pending.reason}` : this.words.failed
        row.append(element('div', { class: 'under bad' }, icon('alert'), element('span', { text: told }), retry, discard))
      }
      return row
    })
  }

  private bubbleRow(kind: string, who: string, text: string): HTMLElement {
    const row = element('div', { class: `row ${kind}` })
    if (who) row.append(element('div', { class: kind.includes('mine') || !kind.includes('group') ? 'hear' : 'who', text: who }))
    if (text) {
      const bubble = element('div', { class: 'bubble', attributes: { dir: 'auto' } })
      for (const piece of pieces(text)) {
        if (piece.href === null) bubble.append(piece.text)
        else {
          const attributes = { href: piece.href, target: '_blank', rel: 'noopener noreferrer nofollow ugc' }
          bubble.append(element('a', { text: piece.text, attributes }))
        }
      }
      row.append(bubble)
    }
    return row
  }

  private fileList(files: readonly FileInfo[]): HTMLElement {
    const list = element('div', { class: 'files' })
    for (const file of files) list.append(this.fileButton(file))
    return list
  }

  private fileButton(file: FileInfo): HTMLElement {
    const name = element('span', { text: file.name })
    const button = element(
      'button',
      { class: 'file', attributes: { type: 'button', 'aria-label': `${this.words.download}: ${file.name}` } },
      icon('file'),
      name,
      element('small', { text: sizeWords(file.size, this.locale) }),
    )
    let bytes: Promise<Blob> | null = null
    const load = (): Promise<Blob> => (bytes ??= this.chat.fileBytes(file.id))
    const look = canView(file)
    if (look) attribute(button, 'aria-label', `${this.words.view}: ${file.name}`)
    button.addEventListener('click', () => {
      load().then(
        (blob) => (look ? view(this.root, blob, file, this.words, button) : save(blob, file.name)),
        () => {
          bytes = null
          say(name, `${file.name} — ${this.words.trouble}`)
        },
      )
    })
    if (file.image) {
      load()
        .then((blob) => drawn(blob))
        .then((canvas) => {
          if (!canvas) return
          button.classList.add('picture')
          button.replaceChildren(canvas)
          this.stay()
        })
        .catch(() => (bytes = null))
    }
    return button
  }

  private time(at: string): string {
    return new Intl.DateTimeFormat(this.locale, { hour: '2-digit', minute: '2-digit' }).format(new Date(at))
  }

  private dayWords(at: string): string {
    const now = Date.now()
    if (day(at) === day(now)) return this.words.today
    if (day(at) === day(now - 86_400_000)) return this.words.yesterday
    return new Intl.DateTimeFormat(this.locale, { dateStyle: 'long' }).format(new Date(at))
  }
}

export function sizeWords(bytes: number, locale: string): string {
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1_000, 'kilobyte'] : [bytes / 1_000_000, 'megabyte']
  const format = new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: value < 10 ? 1 : 0 })
  return format.format(value)
}

function day(at: string | number): string {
  return new Date(at).toDateString()
}

function lastOf(messages: readonly Message[]): Message | null {
  const last = messages[messages.length - 1]
  return last?.from === 'visitor' ? last : null
}
