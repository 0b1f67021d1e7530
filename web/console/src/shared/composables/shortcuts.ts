/** Keyboard shortcuts: registered where they act, listed on the help sheet, silent while somebody types. */
import { onScopeDispose, shallowReactive } from 'vue'

export interface Shortcut {
  /** One key (`j`, `Enter`, `?`), `Ctrl+k` or `Alt+1`. */
  keys: string
  /** Message key of what it does. */
  label: string
  /** Message key of the group on the help sheet. */
  group: string
  /** Also while an input has the focus. */
  always?: boolean
  /** Asked before the others with the same keys. */
  first?: boolean
  /** Answering false leaves the keys to the next shortcut that has them. */
  act: (event?: KeyboardEvent) => unknown
}

export const shortcuts = shallowReactive(new Set<Shortcut>())

function pressed(event: KeyboardEvent): string {
  const digit = /^Digit(\d)$/.exec(event.code)?.[1]
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1]?.toLowerCase()
  const latin = event.key.length === 1 && event.key > '\u007f' ? (letter ?? event.key) : event.key
  const key = (event.altKey && digit) || (latin.length === 1 ? latin.toLowerCase() : latin)
  return (event.ctrlKey || event.metaKey ? 'Ctrl+' : '') + (event.altKey ? 'Alt+' : '') + key
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  // A dialog that is fading away still holds the focus, but nobody types into it any more.
  if (target.closest('[role="dialog"][data-state="closed"]')) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

function hear(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return
  const keys = pressed(event)
  if (keys === 'Enter' && event.target instanceof Element && event.target.closest('a, button')) return
  const typing = isTyping(event.target) || document.querySelector('[role="dialog"][data-state="open"]') !== null
  const asked = [...shortcuts].reverse().sort((one, other) => Number(other.first ?? false) - Number(one.first ?? false))
  for (const shortcut of asked) {
    if (shortcut.keys !== keys || (typing && !shortcut.always)) continue
    if (shortcut.act(event) === false) continue
    event.preventDefault()
    return
  }
}

let listening = false

export function useShortcuts(list: Shortcut[]): void {
  if (!listening) {
    listening = true
    window.addEventListener('keydown', hear)
  }
  for (const shortcut of list) shortcuts.add(shortcut)
  onScopeDispose(() => {
    for (const shortcut of list) shortcuts.delete(shortcut)
  })
}
