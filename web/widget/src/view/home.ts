/** Where one begins: find an answer alone, or write to us. */

import type { Chat } from '../chat'
import type { State } from '../store'
import type { ArticleFound } from '../types'
import type { Words } from '../words'
import { attribute, element, icon, say } from './dom'

const CALM_MS = 250

export class HomeView {
  readonly root: HTMLElement
  private readonly field: HTMLInputElement
  private readonly list = element('ul', { class: 'found' })
  private readonly told = element('p', { class: 'told', attributes: { role: 'status' } })
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
    const write = element('button', { class: 'primary', attributes: { type: 'button' } }, words.write)
    write.addEventListener('click', () => chat.go('thread'))
    this.root = element(
      'div',
      { class: 'home' },
      element('p', { class: 'lead', text: info.greeting }),
      search,
      this.told,
      this.list,
      write,
    )
  }

  draw(state: State, before: State): void {
    const shown = state.open && state.view === 'home'
    if (shown && this.asked === null && state.info.articles) void this.find('')
    if (state.info !== before.info) this.asked = null
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

  private entry(one: ArticleFound): HTMLElement {
    const button = element('button', { class: 'entry', attributes: { type: 'button' } }, element('b', { text: one.title }), element('span', { text: one.excerpt }))
    button.addEventListener('click', () => {
      this.chat.read(one.slug).catch(() => this.chat.store.set({ notice: this.words.trouble }))
    })
    return button
  }
}
