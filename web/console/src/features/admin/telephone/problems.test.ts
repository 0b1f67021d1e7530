import { describe, expect, it } from 'vitest'
import { wordsOf } from './problems'
import type { FlowProblem } from '@/api/call-flows'

const said = { te: (key: string) => key !== 'flow.codes.of_another_day', t: (key: string, facts: Record<string, string>) => `${key} ${JSON.stringify(facts)}` }
const problem = (code: string, facts: Record<string, string> = {}): FlowProblem => ({ node: 'a', field: 'text', code, message: 'It is long', cure: 'Make it shorter.', warns: true, facts })

describe('wordsOf', () => {
  it('says in the reader’s words which language and channel it is about', () => {
    const words = wordsOf(problem('button_too_long', { language: 'uk', channel: 'messenger', most: '20' }), said)

    expect(words).toContain('flow.codes.button_too_long')
    expect(words).toContain('"language":"Українська"')
    expect(words).toContain('channels.messenger')
    expect(words).toContain('"most":"20"')
  })

  it('says what the server says where it has no words of its own', () => {
    expect(wordsOf(problem('of_another_day'), said)).toBe('It is long. Make it shorter.')
  })
})
