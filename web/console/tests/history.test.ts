import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import en from '../src/locales/en'

const page = readFileSync(join(__dirname, '../../../docs/live.md'), 'utf8')
/** What whoever sees a ticket hears of it is what its history holds. */
const kinds = [...page.matchAll(/^\| `(\w+)` \|[^|]*\| ticket\b/gm)].map((match) => match[1] ?? '')
/** These are told by their fields, their kind of message or their moment. */
const TOLD_OTHERWISE = { TicketChanged: 'fields', MessageAdded: 'message_' }

describe('the history of a ticket', () => {
  it('has words for every kind of entry', () => {
    const words = Object.keys(en.history)
    const silent = kinds.filter((kind) => {
      const key = TOLD_OTHERWISE[kind as keyof typeof TOLD_OTHERWISE] ?? kind
      return !words.some((one) => one === kind || one.startsWith(key))
    })
    expect(kinds.length).toBeGreaterThan(15)
    expect(silent).toEqual([])
  })

  it('has words for every field of a ticket', () => {
    expect(Object.keys(en.history.fields)).toEqual(expect.arrayContaining(['subject', 'status', 'priority', 'assignee_id', 'team_id', 'queue_id', 'tags']))
  })
})
