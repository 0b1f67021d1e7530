import { describe, expect, it } from 'vitest'
import type { MessageView } from '../src/api/schema'
import { inParts } from '../src/features/ticket/thread'

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
