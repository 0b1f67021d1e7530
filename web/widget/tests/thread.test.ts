import { describe, expect, it } from 'vitest'
import { matches } from '../src/greeter'
import { Memory, memoryShelf } from '../src/storage'
import { merged, named, oldestId, standIn, startsGroup, stillPending, unread, within } from '../src/thread'
import type { Message, Pending } from '../src/types'

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString()

function message(id: string, second: number, change: Partial<Message> = {}): Message {
  return { id, client_id: null, from: 'agent', name: 'Iryna', text: id, conversation: 'c', read: false, choices: [], at: at(second), files: [], ...change }
}

function pending(id: string, second = 0): Pending {
  return { id, text: `said ${id}`, files: [], at: at(second), state: 'waiting', reason: '', conversation: null, begins: null, greeting: '' }
}

describe('the conversation', () => {
  it('holds each message once, in the order in which it was let go', () => {
    const held = message('b-begun-first', 9)
    const known = merged([], [message('c', 3, { from: 'visitor', client_id: 'x' }), message('a', 1)])

    const all = merged(merged(known, [held, held]), [message('a', 1)])

    expect(all.map((one) => one.id)).toEqual(['a', 'c', 'b-begun-first'])
  })

  it('shows what is kept at once and takes its number when it is known', () => {
    const shown = merged([message('a', 1)], [standIn(pending('mine'), at(2))])
    const after = merged(shown, [message('m', 2, { from: 'visitor', client_id: 'mine' })])

    expect(shown.map((one) => one.id)).toEqual(['a', '~mine'])
    expect(after.map((one) => one.id)).toEqual(['a', 'm'])
  })

  it('does not show twice what another tab echoes late', () => {
    const known = [message('m', 2, { from: 'visitor', client_id: 'mine' })]

    expect(merged(known, [standIn(pending('mine'), at(2))]).map((one) => one.id)).toEqual(['m'])
  })

  it('asks for earlier ones by a number that the center knows', () => {
    expect(oldestId([standIn(pending('x'), at(0)), message('a', 1)])).toBe('a')
    expect(oldestId([standIn(pending('x'), at(0))])).toBeNull()
  })

  it('counts as unread what agents wrote since', () => {
    const all = [message('a', 1, { read: true }), message('b', 5), message('c', 6, { from: 'visitor', read: true })]
    expect(unread(all)).toBe(1)
  })

  it('stays read here although the center has not heard of it yet', () => {
    const [one] = merged([message('a', 1, { read: true })], [message('a', 1)])
    expect(one!.read).toBe(true)
  })

  it('keeps conversations apart, and names what had no number yet', () => {
    const all = named([message('a', 1, { conversation: null }), message('b', 2, { conversation: 'c2' })], 'c1')
    expect(within(all, 'c1').map((one) => one.id)).toEqual(['a'])
  })

  it('drops from what waits whatever has come back', () => {
    const back = message('m', 2, { from: 'visitor', client_id: 'one' })
    expect(stillPending([pending('one'), pending('two')], [back]).map((one) => one.id)).toEqual(['two'])
  })

  it('groups one person within five minutes', () => {
    expect(startsGroup(message('b', 20), message('a', 1))).toBe(false)
    expect(startsGroup(message('b', 400), message('a', 1))).toBe(true)
    expect(startsGroup(message('b', 2, { name: 'Oleh' }), message('a', 1))).toBe(true)
  })
})

describe('where a greeting is said', () => {
  it.each([
    ['', 'https://shop.example/', true],
    ['/cart', 'https://shop.example/cart', true],
    ['/cart', 'https://shop.example/cart/2', false],
    ['/cart*', 'https://shop.example/cart/2', true],
    ['*/sale', 'https://shop.example/en/sale', true],
    ['https://shop.example/*/pots*', 'https://shop.example/en/pots/7', true],
    ['https://other.example/*', 'https://shop.example/', false],
    ['/a*a', 'https://shop.example/a', false],
    ['/*x*y*', 'https://shop.example/yx', false],
  ])('%s on %s: %s', (pattern, address, met) => {
    expect(matches(pattern, address)).toBe(met)
  })
})

describe('what the browser remembers', () => {
  it('is nothing before consent, and nothing after it was taken back', () => {
    const shelf = memoryShelf()
    const memory = new Memory(shelf, 'key', true)
    memory.token = 'secret'
    expect(shelf.length).toBe(0)

    memory.agree()
    expect(new Memory(shelf, 'key', true).token).toBe('secret')

    memory.disagree()
    memory.token = 'other'
    expect(shelf.length).toBe(0)
  })

  it('keeps what waits in the order written, and forgets what is kept', () => {
    const memory = new Memory(memoryShelf(), 'key')
    for (const [id, second] of [['b', 2], ['a', 1], ['c', 3]] as const) memory.keep(pending(id, second))

    memory.drop('b')

    expect(memory.pending().map((one) => one.id)).toEqual(['a', 'c'])
  })

  it('is not confused by what others put there', () => {
    const shelf = memoryShelf()
    shelf.setItem('cc-chat:key:out:x', '{"broken"')
    shelf.setItem('cc-chat:other:out:y', JSON.stringify(pending('y')))
    const memory = new Memory(shelf, 'key')

    expect(memory.pending()).toEqual([])
    expect(shelf.getItem('cc-chat:key:out:x')).toBeNull()
  })

  it('forgets everything of a visitor who signs out, and nothing of another widget', () => {
    const shelf = memoryShelf()
    const memory = new Memory(shelf, 'key')
    const other = new Memory(shelf, 'other')
    memory.token = other.token = 'secret'
    memory.keep(pending('a'))

    memory.forget()

    expect([memory.token, memory.pending(), other.token]).toEqual([null, [], 'secret'])
  })

  it('lets the oldest go when far too much waits', () => {
    const memory = new Memory(memoryShelf(), 'key')
    for (let number = 0; number < 60; number += 1) memory.keep(pending(`m${number}`, number))

    expect(memory.pending()).toHaveLength(50)
    expect(memory.pending()[0]!.id).toBe('m10')
  })
})
