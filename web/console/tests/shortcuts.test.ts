import { afterEach, describe, expect, it } from 'vitest'
import { effectScope } from 'vue'
import { useShortcuts } from '../src/shared/composables/shortcuts'

const scope = effectScope()
let heard = ''
scope.run(() => useShortcuts([
  { keys: 'r', label: '', group: '', act: () => (heard += 'r') },
  { keys: 'Ctrl+k', label: '', group: '', always: true, act: () => (heard += 'k') },
]))

/** The page holds this; a key is pressed in its `input`, or else on the page. */
function press(html: string, key: string, ctrlKey = false): string {
  heard = ''
  document.body.innerHTML = html
  const target = document.querySelector('input') ?? document.body
  target.dispatchEvent(new KeyboardEvent('keydown', { key, code: `Key${key.toUpperCase()}`, ctrlKey, bubbles: true, cancelable: true }))
  return heard
}

afterEach(() => (document.body.innerHTML = ''))

describe('a shortcut', () => {
  it.each([
    ['on the page', '<main></main>', 'r'],
    ['in a field', '<input>', ''],
    ['with a dialog open', '<div role="dialog" data-state="open"></div>', ''],
    ['in a field of an open dialog', '<div role="dialog" data-state="open"><input></div>', ''],
    ['in a field of a dialog that fades away', '<div role="dialog" data-state="closed"><input></div>', 'r'],
  ])('%s', (_, html, expected) => {
    expect(press(html, 'r')).toBe(expected)
  })

  it('that may be used anywhere is heard in a field', () => {
    expect(press('<input>', 'k', true)).toBe('k')
  })

  it('is heard on any keyboard by the place of its key', () => {
    heard = ''
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'к', code: 'KeyR', bubbles: true }))
    expect(heard).toBe('r')
  })
})
