/** Where one begins: find an answer alone, or write to us. */

import type { Chat } from '../chat'
import type { State } from '../store'
import { unread, within } from '../thread'
import type { ArticleFound, Case } from '../types'
import type { Words } from '../words'
import { attribute, element, icon, say } from './dom'

const CALM_MS = 250

export class HomeView {
  readonly root: HTMLElement
  private readonly field: HTMLInputElement
  private readonly list = element('ul', { class: 'found' })
  private readonly told = element('p', { class: 'told', attributes: { role: 'status' } })
  private readonly cases = element('ul', { class: 'found' })
  private readonly past: HTMLElement
  private readonly write: HTMLButtonElement
  private timer: ReturnType<typeof setTimeout> | undefined
  private asked: string | null = null

  constructor(
    private readonly chat: Chat,
    private readonly words: Words,
  ) {
    const { info } = chat.store.state
    this.field = element('input', {
      attributes: { type: 'search', placeholder: words.search, 'aria-label': words.search, maxlength: '200', autocomplete: 'off', dir: 'auto' },
      on: { input: () => this.typed() },
    })
    const search = element(
      'form',
      { class: 'search', attributes: { role: 'search', hidden: !info.articles }, on: { submit: (event) => this.submitted(event) } },
      icon('search'),
      this.field,
    )
    this.write = element('button', { class: 'primary', attributes: { type: 'button' } })
    this.write.addEventListener('click', () => chat.startNew())
    this.past = element('section', { class: 'past', attributes: { 'aria-label': words.conversations, hidden: true } }, element('h3', { text: words.conversations }), this.cases)
    this.root = element(
      'div',
      { class: 'home' },
      element('p', { class: 'lead', text: info.greeting }),
      search,
      this.told,
      this.list,
      this.past,
      this.write,
    )
  }

  draw(state: State, before: State): void {
    const shown = state.open && state.view === 'home'
    if (shown && this.asked === null && state.info.articles) void this.find('')
    if (state.info !== before.info) this.asked = null
    say(this.write, state.conversations.length ? this.words.newConversation : this.words.write)
    if (shown && (state.conversations !== before.conversations || state.messages !== before.messages || state.view !== before.view)) this.listCases(state)
  }

  focus(): void {
    const first = this.root.querySelector<HTMLElement>('input,button')
    ;(this.chat.store.state.info.articles ? this.field : first)?.focus()
  }

  private submitted(event: Event): void {
    event.preventDefault()
    clearTimeout(this.timer)
    void this.find(this.field.value)
  }

  private typed(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.find(this.field.value), CALM_MS)
  }

  private async find(words: string): Promise<void> {
    const asked = (this.asked = words.trim())
    try {
      const found = await this.chat.findArticles(asked)
      // An answer to what is no longer asked comes too late.
      if (asked === this.asked) this.show(found)
    } catch {
      if (asked === this.asked) this.show([])
    }
  }

  private show(found: readonly ArticleFound[]): void {
    say(this.told, found.length || !this.asked ? '' : this.words.nothingFound)
    this.list.replaceChildren(...found.map((one) => element('li', {}, this.entry(one))))
    attribute(this.list, 'aria-label', this.words.found)
  }

  private listCases(state: State): void {
    this.past.hidden = !state.conversations.length
    this.cases.replaceChildren(...state.conversations.map((one) => element('li', {}, this.caseEntry(one, unread(within(state.messages, one.id))))))
  }

  private caseEntry(one: Case, fresh: number): HTMLElement {
    const when = new Intl.DateTimeFormat(this.chat.store.state.info.locale, { dateStyle: 'medium' }).format(new Date(one.at))
    const button = element(
      'button',
      { class: 'entry', attributes: { type: 'button', 'data-id': one.id } },
      element('b', { text: one.title || this.words.conversation, attributes: { dir: 'auto' } }),
      element('span', { text: one.ended ? `${when} · ${this.words.over}` : when }),
      fresh > 0 && element('span', { class: 'fresh', text: this.words.unread(fresh) }),
    )
    button.addEventListener('click', () => {
      this.chat.show(one.id).catch(() => this.chat.store.set({ notice: this.words.trouble }))
    })
    return button
  }

  private entry(one: ArticleFound): HTMLElement {
    const button = element('button', { class: 'entry', attributes: { type: 'button' } }, element('b', { text: one.title }), element('span', { text: one.excerpt }))
    button.addEventListener('click', () => {
      this.chat.read(one.slug).catch(() => this.chat.store.set({ notice: this.words.trouble }))
    })
    return button
  }
}
