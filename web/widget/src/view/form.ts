/** Asks who the visitor is before the first word, as far as the administrator wants to know. */

import type { Chat } from '../chat'
import type { State } from '../store'
import type { Need } from '../types'
import type { Words } from '../words'
import { attribute, element, say } from './dom'

interface Field {
  box: HTMLElement
  input: HTMLInputElement
  wrong: HTMLElement
  need: Need
}

const ADDRESS = /^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$/

export class FormView {
  readonly root: HTMLFormElement
  private readonly note = element('p')
  private readonly button: HTMLButtonElement
  private readonly name: Field
  private readonly email: Field

  constructor(
    private readonly chat: Chat,
    private readonly words: Words,
  ) {
    this.name = this.field('name', words.name, { type: 'text', autocomplete: 'name', maxlength: '120' })
    this.email = this.field('email', words.email, { type: 'email', autocomplete: 'email', maxlength: '254', dir: 'ltr' })
    this.button = element('button', { class: 'primary', text: words.start, attributes: { type: 'submit' } })
    this.root = element(
      'form',
      { class: 'form', attributes: { novalidate: true }, on: { submit: (event) => void this.submit(event) } },
      this.note,
      this.name.box,
      this.email.box,
      this.button,
    )
  }

  draw(state: State): void {
    const { pre_chat: asked, continues_by_mail: byMail } = state.info
    const away = !state.online && byMail
    say(this.note, away ? this.words.formNoteOffline : this.words.formNote)
    this.need(this.name, asked.name)
    this.need(this.email, away && asked.email === 'off' ? 'optional' : asked.email)
  }

  focus(): void {
    const first = [this.name, this.email].find((field) => !field.box.hidden)
    first?.input.focus()
  }

  private field(key: string, label: string, attributes: Record<string, string>): Field {
    const id = `cc-${key}`
    const wrong = element('span', { class: 'wrong', attributes: { id: `${id}-wrong`, role: 'alert' } })
    const input = element('input', { attributes: { ...attributes, id, name: key, 'aria-describedby': `${id}-wrong` } })
    const box = element('div', { class: 'field' }, element('label', { text: label, attributes: { for: id } }), input, wrong)
    return { box, input, wrong, need: 'off' }
  }

  private need(field: Field, need: Need): void {
    if (field.need === need && field.box.dataset['set']) return
    field.need = need
    field.box.dataset['set'] = '1'
    field.box.hidden = need === 'off'
    attribute(field.input, 'aria-required', need === 'required' ? 'true' : false)
    const label = field.box.firstElementChild!
    label.querySelector('small')?.remove()
    if (need === 'optional') label.append(element('small', { text: ` (${this.words.optional})` }))
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault()
    const name = this.name.input.value.trim()
    const email = this.email.input.value.trim()
    const told = [
      this.check(this.name, name, ''),
      this.check(this.email, email, email && !ADDRESS.test(email) ? this.words.invalidEmail : ''),
    ]
    const first = told.find((field) => field !== null)
    if (first) return first.input.focus()
    this.button.disabled = true
    try {
      await this.chat.introduce(name, email)
    } catch {
      this.chat.store.set({ notice: this.words.trouble })
    } finally {
      this.button.disabled = false
    }
  }

  private check(field: Field, value: string, wrong: string): Field | null {
    const problem = field.need === 'required' && !value ? this.words.required : wrong
    say(field.wrong, problem)
    attribute(field.input, 'aria-invalid', problem ? 'true' : false)
    return problem ? field : null
  }
}
