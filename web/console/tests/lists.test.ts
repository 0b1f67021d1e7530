import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { calmly } from '../src/shared/calmly'
import { spanInSight } from '../src/shared/composables/row-window'
import { shortTime } from '../src/shared/format'
import { i18n, useLanguage } from '../src/shared/i18n'
import { named } from '../src/shared/naming'

describe('the rows in sight', () => {
  it('are those of the window and a few on either side', () => {
    expect(spanInSight(7_800, 780, 78, 10_000)).toEqual({ first: 94, end: 116 })
  })

  it('end where the list ends', () => {
    expect(spanInSight(0, 780, 78, 3)).toEqual({ first: 0, end: 3 })
    expect(spanInSight(7_800, 780, 78, 5)).toEqual({ first: 5, end: 5 })
  })
})

describe('work that is asked for often', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is done at once when it was quiet, and once more for all that was asked meanwhile', () => {
    let done = 0
    const soon = calmly(() => done++, 100, 0)
    soon()
    expect(done).toBe(1)
    soon()
    soon()
    expect(done).toBe(1)
    vi.advanceTimersByTime(100)
    expect(done).toBe(2)
  })

  it('waits its first moment, so that what is more urgent goes before', () => {
    let done = 0
    calmly(() => done++, 1_000, 400)()
    vi.advanceTimersByTime(399)
    expect(done).toBe(0)
    vi.advanceTimersByTime(1)
    expect(done).toBe(1)
  })
})

describe('a visitor without a name', () => {
  const handle = 'd1FoGBwOHZ_IF0sn:visitor:01a203d0e6ec7275a1bf925550f43f2a'

  it('is called by the last signs of the number, in the language of the reader', async () => {
    expect(named('Visitor 3f2a')).toBe('Visitor 3f2a')
    await useLanguage('uk')
    expect([named('Visitor 3f2a'), named(handle)]).toEqual(['Відвідувач 3f2a', 'Відвідувач 3f2a'])
    await useLanguage('ru')
    expect(named(handle)).toBe('Посетитель 3f2a')
    i18n.global.locale.value = 'en'
  })

  it('who is signed in on the site is called as the site calls them; names stay as they are', () => {
    expect(named('d1FoGBwOHZ_IF0sn:user:42')).toBe('42')
    expect(named('Visitor Petrenko')).toBe('Visitor Petrenko')
    expect(named('Olena: the baker')).toBe('Olena: the baker')
  })
})

describe('a short time', () => {
  const now = new Date(2026, 10, 22, 15, 30).getTime()
  const at = (...parts: [number, number, number]): string => shortTime(new Date(...parts, 9, 5).toISOString(), now, 'en')

  it('is the clock today, the day this year, else the date', () => {
    expect(at(2026, 10, 22)).toMatch(/^09:05/)
    expect(at(2026, 9, 22).split(' ').sort()).toEqual(['22', 'Oct'])
    expect(at(2025, 10, 22)).toContain('2025')
  })
})
