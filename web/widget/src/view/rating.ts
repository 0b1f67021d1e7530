/** Asks how the help was, under a conversation that is over. */

import type { Chat } from '../chat'
import type { Case } from '../types'
import type { Words } from '../words'
import { element, say } from './dom'

const SCORES = [1, 2, 3, 4, 5] as const

export class RatingView {
  private readonly root: HTMLElement
  private readonly question = element('p')
  private readonly scores: HTMLButtonElement[]
  private readonly comment: HTMLTextAreaElement
  private readonly more: HTMLElement
  private chosen = 0
  private shown = ''

  constructor(
    private readonly chat: Chat,
    private readonly words: Words,
  ) {
    this.scores = SCORES.map((score) =>
      element('button', {
        text: String(score),
        attributes: { type: 'button', role: 'radio', 'aria-label': `${score}, ${words.scores[score - 1]!}`, title: words.scores[score - 1]! },
        on: { click: () => void this.choose(score), keydown: (event) => this.pressed(event) },
      }),
    )
    this.comment = element('textarea', { attributes: { rows: '2', 'aria-label': words.rateComment, placeholder: words.rateComment, maxlength: '2000', dir: 'auto' } })
    const send = element('button', { class: 'primary', text: words.send, attributes: { type: 'button' }, on: { click: () => void this.give() } })
    this.more = element('div', { class: 'more', attributes: { hidden: true } }, this.comment, send)
    this.root = element(
      'section',
      { class: 'rating', attributes: { 'aria-label': words.rate } },
      this.question,
      element('div', { class: 'scores', attributes: { role: 'radiogroup', 'aria-label': words.rate } }, ...this.scores),
      element('p', { class: 'ends' }, element('span', { text: words.scores[0]! }), element('span', { text: words.scores[4]! })),
      this.more,
    )
  }

  rootFor(over: Case): HTMLElement {
    if (this.shown !== over.id) {
      this.shown = over.id
      this.comment.value = ''
      this.more.hidden = true
    }
    this.chosen = over.rating ?? 0
    say(this.question, over.rating ? this.words.rated : `${this.words.ended} ${this.words.rate}`)
    this.draw()
    return this.root
  }

  /** The number is kept at once; words may follow. */
  private async choose(score: number): Promise<void> {
    this.chosen = score
    this.draw()
    this.more.hidden = false
    await this.give(false)
  }

  private async give(done = true): Promise<void> {
    try {
      await this.chat.rate(this.chosen, this.comment.value.trim())
      if (done) this.more.hidden = true
    } catch {
      this.chat.store.set({ notice: this.words.trouble })
    }
  }

  /** As with every group of radio buttons, arrows move and one of them is reached by Tab. */
  private pressed(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    const at = this.scores.indexOf(event.currentTarget as HTMLButtonElement)
    this.scores[(at + step + SCORES.length) % SCORES.length]!.focus()
  }

  private draw(): void {
    this.scores.forEach((button, index) => {
      button.setAttribute('aria-checked', String(index + 1 === this.chosen))
      button.tabIndex = index + 1 === (this.chosen || 1) ? 0 : -1
    })
  }
}
