/** Where the visitor writes: grows with the text, Enter sends, files by button, paste or drop. */

import type { Chat } from '../chat'
import type { State, Upload } from '../store'
import type { Words } from '../words'
import { attribute, element, icon } from './dom'
import { drawn } from './pictures'

export class ComposerView {
  readonly root: HTMLFormElement
  readonly field: HTMLTextAreaElement
  private readonly go: HTMLButtonElement
  private readonly chips: HTMLElement
  /** Sent while a file was still on its way: it goes as soon as the file is there. */
  private wanted = false
  private readonly chipOf = new Map<string, { chip: HTMLElement; progress: HTMLProgressElement }>()

  constructor(
    private readonly chat: Chat,
    private readonly words: Words,
  ) {
    const { info } = chat.store.state
    this.field = element('textarea', {
      attributes: { rows: '1', placeholder: info.placeholder, 'aria-label': words.message, maxlength: String(info.text_chars), dir: 'auto' },
      on: {
        input: () => this.written(),
        keydown: (event) => this.pressed(event),
        paste: (event) => this.take(event.clipboardData?.files, event),
      },
    })
    this.go = element('button', { class: 'iconic go', attributes: { type: 'submit', 'aria-label': words.send, disabled: true } }, icon('send'))
    this.chips = element('div', { class: 'chips', attributes: { hidden: true } })
    this.root = element(
      'form',
      {
        class: 'composer',
        on: {
          submit: (event) => this.submit(event),
          dragover: (event) => this.over(event, true),
          dragleave: (event) => this.over(event, false),
          drop: (event) => {
            this.over(event, false)
            this.take(event.dataTransfer?.files, event)
          },
        },
      },
      this.chips,
      element('div', { class: 'line' }, ...this.picker(), this.field, this.go),
    )
  }

  get draft(): string {
    return this.field.value
  }

  set draft(text: string) {
    this.field.value = text
    this.ready()
  }

  draw(state: State, before: State): void {
    if (state.uploads !== before.uploads) this.drawChips(state.uploads)
    // Without a file that failed or was taken out it is another message: they decide again.
    if (state.uploads.length < before.uploads.length) this.wanted = false
    this.ready()
    if (this.wanted && state.uploads.every((upload) => upload.done)) this.send()
  }

  private picker(): HTMLElement[] {
    if (!this.chat.store.state.info.upload.per_message) return []
    const input = element('input', { attributes: { type: 'file', multiple: true, hidden: true, tabindex: '-1', 'aria-hidden': 'true' } })
    input.addEventListener('change', () => {
      this.chat.uploads.add([...(input.files ?? [])])
      input.value = ''
      this.field.focus()
    })
    const button = element('button', { class: 'iconic', attributes: { type: 'button', 'aria-label': this.words.attach } }, icon('clip'))
    button.addEventListener('click', () => input.click())
    return [input, button]
  }

  private submit(event: Event): void {
    event.preventDefault()
    this.wanted = this.chat.store.state.uploads.some((upload) => !upload.done)
    if (!this.wanted) this.send()
  }

  private send(): void {
    this.wanted = false
    if (!this.chat.send(this.field.value)) return
    this.field.value = ''
    this.written()
    this.field.focus()
  }

  private pressed(event: KeyboardEvent): void {
    // While an input method composes a word, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    this.submit(event)
  }

  private written(): void {
    this.field.style.height = 'auto'
    this.field.style.height = `${this.field.scrollHeight + 2}px`
    if (this.field.value) this.chat.typing()
    this.wanted = false
    this.ready()
  }

  private ready(): void {
    this.go.disabled = !(this.field.value.trim() || this.chat.store.state.uploads.length)
  }

  private over(event: Event, inside: boolean): void {
    event.preventDefault()
    this.root.classList.toggle('over', inside)
  }

  private take(files: FileList | null | undefined, event: Event): void {
    if (!files?.length || !this.chat.store.state.info.upload.per_message) return
    event.preventDefault()
    this.chat.uploads.add([...files])
  }

  private drawChips(uploads: readonly Upload[]): void {
    const keys = new Set(uploads.map((upload) => upload.key))
    for (const [key, { chip }] of this.chipOf) {
      if (!keys.has(key)) {
        chip.remove()
        this.chipOf.delete(key)
      }
    }
    for (const upload of uploads) this.drawChip(upload)
    attribute(this.chips, 'hidden', !uploads.length)
  }

  private drawChip(upload: Upload): void {
    let known = this.chipOf.get(upload.key)
    if (!known) {
      const progress = element('progress', { attributes: { max: '1', 'aria-label': this.words.uploading } })
      const remove = element(
        'button',
        { attributes: { type: 'button', 'aria-label': `${this.words.removeFile}: ${upload.file.name}` } },
        icon('close'),
      )
      remove.addEventListener('click', () => this.chat.uploads.remove(upload.key))
      const chip = element('div', { class: 'chip' }, icon('file'), element('span', { text: upload.file.name }), remove, progress)
      if (upload.file.type.startsWith('image/')) {
        void drawn(upload.file, { width: 56, height: 56 }).then((canvas) => {
          if (!canvas) return
          canvas.removeAttribute('style')
          chip.firstChild?.replaceWith(canvas)
        })
      }
      known = { chip, progress }
      this.chipOf.set(upload.key, known)
      this.chips.append(chip)
    }
    known.progress.value = upload.share
    known.progress.hidden = upload.done !== null
  }
}
