import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Group } from '../src/api/day'
import { firstConditions, kindOf, newRule, OPS, tidy, toAge, toHours, toList } from '../src/features/inbox/view/conditions'
import { useSelection } from '../src/features/inbox/selection.store'
import { matching, type Command } from '../src/shell/commands'
import { moments } from '../src/shared/snooze'

describe('choosing many tickets', () => {
  beforeEach(() => setActivePinia(createPinia()))
  const order = ['a', 'b', 'c', 'd', 'e']

  it('reaches from the last chosen one in both directions', () => {
    const selection = useSelection()
    selection.toggle('d')
    selection.reach('b', order)
    expect([...selection.chosen].sort()).toEqual(['b', 'c', 'd'])
  })

  it('begins where it reaches when nothing was chosen before', () => {
    const selection = useSelection()
    selection.reach('c', order)
    expect([...selection.chosen]).toEqual(['c'])
  })

  it('gives up a choice made twice, and all of them at once', () => {
    const selection = useSelection()
    selection.toggle('a')
    selection.toggle('a')
    expect(selection.count).toBe(0)
    selection.all(order)
    expect(selection.count).toBe(5)
    selection.clear()
    expect(selection.count).toBe(0)
  })
})

describe('moments to sleep until', () => {
  it.each([
    ['a Sunday morning', new Date(2030, 0, 6, 8)],
    ['a Monday at noon', new Date(2030, 0, 7, 12)],
    ['a Friday night', new Date(2030, 0, 11, 23, 59)],
    ['the night clocks change', new Date(2030, 2, 30, 22)],
  ])('on %s all lie ahead', (_name, now) => {
    const found = moments(now)
    expect(found.every((one) => one.at.getTime() > now.getTime())).toBe(true)
    expect(found.find((one) => one.key === 'monday')?.at.getDay()).toBe(1)
    expect(found.find((one) => one.key === 'tomorrow')?.at.getHours()).toBe(9)
  })

  it('say nothing of the evening when it is evening', () => {
    expect(moments(new Date(2030, 0, 7, 17)).map((one) => one.key)).not.toContain('evening')
  })
})

describe('conditions of a view', () => {
  it('are sent without empty values and empty groups', () => {
    const hollow: Group = {
      kind: 'group',
      match: 'all',
      rules: [
        { kind: 'rule', field: 'tag', op: 'any_of', value: [' vip ', '', 'vip'] },
        { kind: 'rule', field: 'subject', op: 'contains', value: [' '] },
        { kind: 'group', match: 'any', rules: [{ kind: 'group', match: 'all', rules: [] }] },
      ],
    }
    expect(tidy(hollow).rules).toEqual([{ kind: 'rule', field: 'tag', op: 'any_of', value: ['vip'] }])
    expect(tidy(firstConditions())).toEqual(firstConditions())
  })

  it('begin with a question that fits their field', () => {
    for (const field of ['status', 'assignee', 'tag', 'subject', 'created', 'unread'] as const) {
      expect(OPS[kindOf(field)]).toContain(newRule(field).op)
    }
  })

  it('count ages in the unit people would use', () => {
    expect([toAge(24), toAge(36), toHours(2, 'days'), toHours(0, 'hours')]).toEqual([
      { count: 1, unit: 'days' }, { count: 36, unit: 'hours' }, 48, 1,
    ])
    expect(toList('a, b,,a')).toEqual(['a', 'b'])
  })
})

describe('the palette', () => {
  const all: Command[] = [
    { key: '1', words: 'Assign to me', group: 'Tickets', keys: 'm' },
    { key: '2', words: 'Mine', group: 'Go to', keys: '' },
    { key: '3', words: 'Відкласти', group: 'Звернення', keys: 's' },
  ]

  it.each([
    ['', '1 2 3'],
    ['go mi', '2'],
    ['ASSIGN', '1'],
    ['відк', '3'],
    ['sign', '1'],
    ['nothing', ''],
  ])('finds for “%s” the commands %s', (typed, keys) => {
    expect(matching(all, typed).map((one) => one.key).join(' ')).toBe(keys)
  })
})
