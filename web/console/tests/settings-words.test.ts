import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import type { NotificationView } from '../src/api/notifications'
import { byTicket } from '../src/shared/alerts'
import { i18n } from '../src/shared/i18n'
import { useNotices } from '../src/shared/stores/notices.store'
import { useValueWords } from '../src/shared/value-words'

function words(value: unknown, names: Record<string, string> = {}): string {
  const inside = defineComponent({
    setup() {
      const say = useValueWords()
      return () => h('p', say(value, new Map(Object.entries(names))))
    },
  })
  return mount(inside, { global: { plugins: [i18n] } }).text()
}

describe('a setting that was changed', () => {
  it('is told in words whatever it is made of', () => {
    expect(words(null)).toBe('—')
    expect(words(true)).toBe('Yes')
    expect(words(['mail', 'webchat'])).toBe('Mail, Web chat')
    expect(words({ queue_id: 'q1', after_seconds: 60, longer_than: null, nobody_there: false }, { q1: 'Sales' })).toBe(
      'Queue: Sales, After, seconds: 60, When nobody is there: No',
    )
  })

  it('says hours and skills as people do', () => {
    expect(words([{ weekday: 0, spans: [{ opens: 540, closes: 780 }, { opens: 840, closes: 1080 }] }])).toBe('Monday 09:00–13:00, 14:00–18:00')
    expect(words([{ on: '2027-01-01', name: 'New Year', spans: [] }])).toBe('2027-01-01 New Year closed')
    expect(words([{ skill_id: 's1', level: 3 }, { skill_id: 's2', level: 1 }], { s1: 'French', s2: 'Roses' })).toBe('French 3; Roses 1')
  })

  it('never shows the signs of a program', () => {
    const rings = [{ after_seconds: 30, skills: [{ skill_id: 's1', level: 0 }], queue_ids: ['q1'] }]
    expect(words(rings, { s1: 'French', q1: 'Sales' })).toBe('After, seconds: 30, Skills: French 0, Queues: Sales')
    expect(words({ texts: { en: 'Hello' }, empty: {} })).not.toMatch(/[{}[\]"]/)
  })
})

describe('notifications about one ticket', () => {
  const told = (id: string, ticket: string | null): NotificationView =>
    ({ id, ticket: ticket && { id: ticket, number: 1, subject: '' } }) as NotificationView

  it('stand together where the newest of them stands', () => {
    const groups = byTicket([told('5', 'a'), told('4', 'b'), told('3', null), told('2', 'a'), told('1', null)])
    expect(groups.map(({ newest, earlier }) => [newest.id, ...earlier.map((one) => one.id)])).toEqual([['5', '2'], ['4'], ['3'], ['1']])
  })
})

describe('a short message', () => {
  beforeEach(() => setActivePinia(createPinia()))

  it('takes the place of an older one about the same ticket and counts it', () => {
    const notices = useNotices()
    notices.say('Ann wrote', 'info', undefined, 't1')
    notices.say('Saved')
    notices.say('Ann wrote again', 'info', undefined, 't1')
    expect(notices.notices.map((one) => [one.text, one.count])).toEqual([['Saved', 1], ['Ann wrote again', 2]])
  })
})
