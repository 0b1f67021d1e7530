/** A greeting beside the button: read, answered with a press, or sent away for good. */

import type { Chat } from '../chat'
import type { State } from '../store'
import type { Words } from '../words'
import { element, icon } from './dom'

export class HailView {
  /** Always there, so that what appears in it is read aloud. */
  readonly root = element('div', { class: 'hail', attributes: { role: 'status' } })

  constructor(
    private readonly chat: Chat,
    private readonly words: Words,
  ) {}

  draw(state: State, before: State): void {
    const shown = !state.open && state.greeting
    if (shown === (!before.open && before.greeting) && this.root.firstChild) return
    this.root.replaceChildren(...(shown ? this.card(shown.text, shown.choices) : []))
  }

  private card(text: string, choices: readonly string[]): HTMLElement[] {
    const { chat, words } = this
    const say = element('button', { class: 'say', text, attributes: { type: 'button', dir: 'auto' }, on: { click: () => chat.answer() } })
    const away = element(
      'button',
      { class: 'iconic', attributes: { type: 'button', 'aria-label': words.dismiss }, on: { click: () => chat.store.set({ greeting: null }) } },
      icon('close'),
    )
    const row = element('div', { class: 'choices' })
    for (const choice of choices) row.append(element('button', { text: choice, attributes: { type: 'button', dir: 'auto' }, on: { click: () => chat.answer(choice) } }))
    return [element('div', { class: 'line' }, say, away), ...(choices.length ? [row] : [])]
  }
}
