import { describe, expect, it } from 'vitest'
import { waitBefore } from '../src/backoff'
import { contrast, parseColour, readableOn, textOn, toHex, type Rgb } from '../src/colour'
import { newId } from '../src/ids'
import { pieces } from '../src/links'
import { sizeWords } from '../src/view/thread'
import { sha256, solve, zeroBits } from '../src/work'
import { directionOf, languages, wordsFor } from '../src/words'

describe('waiting before the next try', () => {
  it('doubles, is capped and never falls below half', () => {
    expect(waitBefore(0, () => 0)).toBe(250)
    expect(waitBefore(1, () => 1)).toBe(1000)
    expect(waitBefore(3, () => 0)).toBe(2000)
    expect(waitBefore(50, () => 1)).toBe(30_000)
    expect(waitBefore(50, () => 0)).toBe(15_000)
  })
})

describe('ids', () => {
  it('are version 4 also without a secure context', () => {
    const insecure = { getRandomValues: <T extends ArrayBufferView>(into: T) => crypto.getRandomValues(into as never) as T } as Crypto
    const made = new Set(Array.from({ length: 200 }, () => newId(insecure)))
    expect(made.size).toBe(200)
    for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

describe('colours', () => {
  const surfaces: Rgb[] = [
    [255, 255, 255],
    [23, 26, 31],
  ]

  it('stay readable whatever the brand is', () => {
    for (let number = 0; number < 0xffffff; number += 0x0b3a17) {
      const brand = parseColour('#' + number.toString(16).padStart(6, '0'))
      expect(contrast(textOn(brand), brand)).toBeGreaterThanOrEqual(4.5)
      for (const surface of surfaces) expect(contrast(readableOn(brand, surface), surface)).toBeGreaterThanOrEqual(4.5)
    }
  })

  it('that are readable already stay as they are', () => {
    expect(toHex(readableOn(parseColour('#1d4ed8'), [255, 255, 255]))).toBe('#1d4ed8')
  })

  it('that are none become the default, so nothing foreign reaches the style sheet', () => {
    expect(toHex(parseColour('red;} :host{display:none}'))).toBe('#2563eb')
    expect(toHex(parseColour('#abc'))).toBe('#aabbcc')
  })
})

describe('links', () => {
  const links = (text: string): (string | null)[] => pieces(text).map((piece) => piece.href)

  it('are found, and the text around them stays', () => {
    expect(pieces('See https://shop.example/a?b=1, thanks')).toEqual([
      { text: 'See ', href: null },
      { text: 'https://shop.example/a?b=1', href: 'https://shop.example/a?b=1' },
      { text: ', thanks', href: null },
    ])
  })

  it.each([
    ['(see https://en.example/wiki/Tea_(drink))', 'https://en.example/wiki/Tea_(drink)'],
    ['www.shop.example.', 'https://www.shop.example/'],
    ['write to olena@shop.example!', 'mailto:olena@shop.example'],
    ['https://приклад.example/шлях', 'https://xn--80aikifvh.example/%D1%88%D0%BB%D1%8F%D1%85'],
  ])('%s', (text, href) => {
    expect(links(text)).toContain(href)
  })

  it.each(['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', 'https://user:pass@evil.example/', 'file:///etc/passwd', 'https://'])(
    'never lead to %s',
    (text) => {
      for (const href of links(text)) expect(href === null || /^mailto:/.test(href)).toBe(true)
    },
  )

  it('lose no character of the text', () => {
    const text = 'a <b>https://x.example</b> "www.y.example"… c@d.example\nend'
    expect(pieces(text).map((piece) => piece.text).join('')).toBe(text)
  })
})

describe('proof of work', () => {
  const hex = (text: string): string => sha256(text).map((word) => word.toString(16).padStart(8, '0')).join('')

  it('hashes as the standard says', () => {
    expect(hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(hex('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')).toBe('248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1')
  })

  it('finds a number with as many zero bits as are asked for', async () => {
    const answer = await solve('9.1.x.y')
    expect(zeroBits(sha256(`9.1.x.y:${answer}`))).toBeGreaterThanOrEqual(9)
  })
})

describe('words', () => {
  it('exist in every language', () => {
    const keys = Object.keys(languages['en']!).sort()
    for (const words of Object.values(languages)) expect(Object.keys(words).sort()).toEqual(keys)
  })

  it('count the Slavic way', () => {
    const told = (count: number): string => wordsFor('uk-UA').unread(count)
    expect(told(1)).toBe('1 непрочитане повідомлення')
    expect(told(3)).toBe('3 непрочитані повідомлення')
    expect(told(11)).toBe('11 непрочитаних повідомлень')
    expect(told(21)).toBe('21 непрочитане повідомлення')
    expect(wordsFor('ru').unread(22)).toBe('22 непрочитанных сообщения')
  })

  it('fall back to English, and turn with the language', () => {
    expect(wordsFor('fr').send).toBe('Send')
    expect(directionOf('ar-EG')).toBe('rtl')
    expect(directionOf('uk')).toBe('ltr')
  })

  it('say sizes in the language', () => {
    expect(sizeWords(2_500_000, 'en')).toBe('2.5 MB')
    expect(sizeWords(340, 'en')).toBe('0.3 kB')
  })
})
