import { describe, expect, it } from 'vitest'
import type { Entry } from '../src/api/live'
import { alertOf, EVENTS, firstChoices, isQuiet, readChoices } from '../src/shared/alerts'

const ME = 'me'

function entry(kind: string, data: Record<string, unknown> = {}, more: Partial<Entry> = {}): Entry {
  const nobody = { actor_id: null, ticket_id: 't', client_id: null, contact_id: null, queue_id: null, team_id: null, assignee_id: null }
  return { type: 'entry', seq: 1, at: '2030-01-07T09:00:00Z', kind, ...nobody, data, ...more } as Entry
}

describe('what deserves a word', () => {
  it.each([
    ['OfferMade', { agent_id: ME }, {}, 'offer'],
    ['OfferMade', { agent_id: 'other' }, {}, undefined],
    ['Mentioned', { by: 'Ivan' }, {}, 'mention'],
    ['TicketChanged', { changes: { assignee_id: [null, ME] } }, {}, 'assigned'],
    ['TicketChanged', { changes: { assignee_id: [null, ME] } }, { actor_id: ME }, undefined],
    ['TicketChanged', { changes: { status: ['new', 'open'] } }, { assignee_id: ME }, undefined],
    ['MessageAdded', { kind: 'inbound', author_name: 'Ann' }, { assignee_id: ME }, 'reply'],
    ['MessageAdded', { kind: 'inbound' }, { assignee_id: 'other' }, undefined],
    ['MessageAdded', { kind: 'outbound' }, { assignee_id: ME }, undefined],
    ['TicketWoken', { reason: 'time' }, { assignee_id: ME }, 'woken'],
    ['MessageStateChanged', { state: 'failed' }, { assignee_id: ME }, 'failed'],
    ['MessageStateChanged', { state: 'sent' }, { assignee_id: ME }, undefined],
  ])('%s %j %j is: %s', (kind, data, more, event) => {
    expect(alertOf(entry(kind, data, more), ME)?.event).toBe(event)
  })
})

describe('quiet hours', () => {
  const at = (hours: number, minutes = 0): Date => new Date(2030, 0, 7, hours, minutes)

  it.each([
    ['20:00', '08:00', at(19, 59), false],
    ['20:00', '08:00', at(20), true],
    ['20:00', '08:00', at(3), true],
    ['20:00', '08:00', at(8), false],
    ['12:00', '13:00', at(12, 30), true],
    ['12:00', '13:00', at(13), false],
    ['09:00', '09:00', at(9), false],
  ])('from %s to %s: %s is quiet: %s', (from, to, now, quiet) => {
    expect(isQuiet({ on: true, from, to }, now)).toBe(quiet)
    expect(isQuiet({ on: false, from, to }, now)).toBe(false)
  })
})

describe('choices', () => {
  it('are kept, and what is new since has its first value', () => {
    const kept = JSON.stringify({ ways: { offer: { sound: false } }, quiet: { on: true } })
    expect(readChoices(kept).ways.offer).toEqual({ ...firstChoices().ways.offer, sound: false })
    expect(readChoices(kept).quiet.on).toBe(true)
    expect(Object.keys(readChoices(kept).ways)).toEqual([...EVENTS])
  })

  it('that cannot be read are as if nothing had been chosen', () => {
    expect(readChoices('{broken')).toEqual(firstChoices())
  })
})
