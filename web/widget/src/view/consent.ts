/** Asks before anything is stored. */

import type { Chat } from '../chat'
import type { Words } from '../words'
import { element } from './dom'

export class ConsentView {
  readonly root: HTMLElement
  private readonly agree: HTMLButtonElement

  constructor(chat: Chat, words: Words) {
    const { consent } = chat.store.state.info
    this.agree = element('button', { class: 'primary', text: words.agree, attributes: { type: 'button' } })
    this.agree.addEventListener('click', () => void chat.agree().catch(() => chat.store.set({ notice: words.trouble })))
    const link = consent?.url && element('a', { text: words.privacy, attributes: { href: consent.url, target: '_blank', rel: 'noopener noreferrer' } })
    this.root = element('section', { class: 'form', attributes: { 'aria-label': words.privacy } }, element('p', { text: consent?.text ?? '' }), link, this.agree)
  }

  focus(): void {
    this.agree.focus()
  }
}
