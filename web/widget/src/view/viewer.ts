/** A picture or a plain text at full size, over the conversation; saved only on demand. */

import type { Words } from '../words'
import { element, icon } from './dom'
import { drawn, save } from './pictures'

const TEXT_BYTES = 200_000

export function canView(file: { image: boolean; media_type: string; size: number }): boolean {
  return file.image || (/^text\/(plain|csv)$/.test(file.media_type) && file.size <= TEXT_BYTES)
}

/** Show `bytes` in `stage` until it is closed; then the focus goes back to where it came from. */
export async function view(stage: HTMLElement, bytes: Blob, file: { name: string; image: boolean }, words: Words, from: HTMLElement): Promise<void> {
  const room = { width: stage.clientWidth * 2, height: stage.clientHeight * 2 }
  const content = file.image ? await drawn(bytes, room) : element('pre', { text: await bytes.text(), attributes: { tabindex: '0', dir: 'auto' } })
  if (!content) return save(bytes, file.name)
  content.removeAttribute('style')
  const button = (name: string, drawing: 'close' | 'down', act: () => void): HTMLButtonElement =>
    element('button', { class: 'iconic', attributes: { type: 'button', 'aria-label': name }, on: { click: act } }, icon(drawing))
  const end = (): void => {
    overlay.remove()
    // The message may have been drawn anew meanwhile: the button is found again by its name.
    const name = from.getAttribute('aria-label')
    const again = [...stage.querySelectorAll('button')].find((one) => one.getAttribute('aria-label') === name)
    ;(from.isConnected ? from : again)?.focus()
  }
  const close = button(words.closeView, 'close', end)
  const overlay = element(
    'div',
    {
      class: 'viewer',
      attributes: { role: 'dialog', 'aria-modal': 'true', 'aria-label': file.name },
      on: { keydown: (event) => pressed(event, overlay, end) },
    },
    element('div', { class: 'bar' }, element('span', { text: file.name }), button(words.save, 'down', () => save(bytes, file.name)), close),
    element('div', { class: 'sight' }, content),
  )
  stage.append(overlay)
  close.focus()
}

function pressed(event: KeyboardEvent, overlay: HTMLElement, end: () => void): void {
  if (event.key === 'Escape') {
    event.stopPropagation()
    end()
  } else if (event.key === 'Tab') {
    event.stopPropagation()
    keepInside(event, overlay)
  }
}

/** Let Tab go round inside `box` and never out of it. */
export function keepInside(event: KeyboardEvent, box: HTMLElement): void {
  const stops = [...box.querySelectorAll<HTMLElement>('button,input,textarea,a[href],[tabindex="0"]')].filter(
    (one) => !one.hasAttribute('disabled') && one.tabIndex >= 0 && one.getClientRects().length > 0,
  )
  const [first, last] = [stops[0], stops[stops.length - 1]]
  const now = (box.getRootNode() as ShadowRoot).activeElement
  const [edge, other] = event.shiftKey ? [first, last] : [last, first]
  if (now === edge || !now || !box.contains(now)) {
    event.preventDefault()
    other?.focus()
  }
}
