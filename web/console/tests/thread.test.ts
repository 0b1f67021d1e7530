import { describe, expect, it } from 'vitest'
import type { MessageView } from '../src/api/schema'
import { followsOn, inParts, mergeById } from '../src/features/ticket/thread'

describe('a long thread', () => {
  const thread = (from: number, to: number): MessageView[] =>
    Array.from({ length: to - from }, (_, index) => ({ id: `m${from + index}` }) as MessageView)

  it('keeps its parts when older messages come before it', () => {
    const before = inParts(thread(100, 160), 'm100')
    const after = inParts(thread(40, 160), 'm100')
    for (const part of before) expect(after.find((one) => one.number === part.number)).toEqual(part)
    expect(after.flatMap((part) => part.messages)).toEqual(thread(40, 160))
  })

  it('has no parts without messages', () => {
    expect(inParts([], undefined)).toEqual([])
  })
})

describe('messages that come in', () => {
  const said = (minute: number, text = ''): MessageView => ({ id: `m${minute}`, created_at: new Date(minute * 60_000).toISOString(), text }) as MessageView

  it('leave those that are known the objects they were, so that nothing is drawn anew', () => {
    const known = [said(1), said(2)]
    const merged = mergeById(known, [said(2), said(3)])
    expect(merged.map((one) => one.id)).toEqual(['m1', 'm2', 'm3'])
    expect(merged[1]).toBe(known[1])
    expect(mergeById(known, [said(1), said(2)])).toBe(known)
  })

  it('replace what they say anew, and stand in the order of time', () => {
    const merged = mergeById([said(2), said(5)], [said(5, 'sent'), said(3)])
    expect(merged.map((one) => one.id)).toEqual(['m2', 'm3', 'm5'])
    expect(merged[2]?.text).toBe('sent')
  })

  it('follow on those that are known only when nothing is missing between', () => {
    const known = [said(1), said(2)]
    expect(followsOn(known, { items: [said(2), said(3)], next: 'm2' })).toBe(true)
    expect(followsOn(known, { items: [said(8), said(9)], next: 'm8' })).toBe(false)
    expect(followsOn([], { items: [said(8)], next: null })).toBe(true)
  })
})
