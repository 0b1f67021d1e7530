import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const css = readFileSync(join(__dirname, '../src/styles/tokens.css'), 'utf8')
const tokens = new Map([...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map((match) => [match[1] ?? '', [match[2] ?? '', match[3] ?? ''] as const]))

function luminance(colour: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
  const [red = 0, green = 0, blue = 0] = parts.map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** WCAG 2.2, 1.4.3: (lighter + 0.05) / (darker + 0.05). */
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((first, second) => second - first)
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05)
}

const TEXT_ON: [string, string][] = [
  ...['text', 'text-soft', 'text-faint'].flatMap((text) => ['surface-0', 'surface-1', 'surface-2'].map((surface): [string, string] => [text, surface])),
  ...['text', 'text-soft', 'text-faint'].map((text): [string, string] => [text, 'accent-soft']),
  ...['text', 'text-soft', 'text-faint'].map((text): [string, string] => [text, 'note']),
  ...['good', 'warn', 'bad', 'info', 'accent'].flatMap((tone): [string, string][] => [[tone, `${tone}-soft`], [tone, 'surface-1'], [tone, 'surface-0']]),
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
]

describe.each([['light', 0], ['dark', 1]] as const)('in the %s theme', (_name, index) => {
  it.each(TEXT_ON)('%s can be read on %s', (text, surface) => {
    expect(contrast(tokens.get(text)?.[index] ?? '', tokens.get(surface)?.[index] ?? '')).toBeGreaterThanOrEqual(4.5)
  })

  it('the edge of an input can be seen', () => {
    expect(contrast(tokens.get('line-strong')?.[index] ?? '', tokens.get('surface-1')?.[index] ?? '')).toBeGreaterThanOrEqual(3)
  })
})
