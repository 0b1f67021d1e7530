import { describe, expect, it } from 'vitest'
import type { Entry } from '../src/api/live'
import { EVENTS, type Choices } from '../src/api/notifications'
import { alertOf, movedChoices, placeOf } from '../src/shared/alerts'

const none = { app: false, desktop: false, sound: false, push: false, mail: false }
const usual: Choices = {
  ways: Object.fromEntries(EVENTS.map((event) => [event, { ...none }])) as Choices['ways'],
  quiet: { on: false, starts: '20:00', ends: '08:00' },
  timezone: 'UTC',
  digest: 'daily',
  digest_at: '08:00',
}

describe('a notification', () => {
  it('is told as the server says', () => {
    const data = { notification_id: 'n', event: 'mention', name: 'Ivan', detail: '', ways: ['app'] }
    const entry = { type: 'entry', kind: 'Notified', ticket_id: 't', data } as unknown as Entry

    expect(alertOf(entry)).toEqual({ event: 'mention', name: 'Ivan', detail: '', ways: ['app'], ticket: 't' })
  })

  it.each([
    ['reply', 't', { name: 'ticket', params: { ticketId: 't' } }],
    ['missed', null, { name: 'work' }],
    ['dead_letter', null, { name: 'dead-letters' }],
  ] as const)('%s leads to where it happened', (event, ticket, place) => {
    expect(placeOf(event, ticket)).toEqual(place)
  })
})

describe('choices that a browser kept', () => {
  it('move to the server with the time zone of the browser', () => {
    const kept = JSON.stringify({ ways: { reply: { app: true, sound: true } }, quiet: { on: true, from: '19:00', to: '07:00' } })

    const moved = movedChoices(usual, kept, 'Europe/Kyiv')

    expect(moved.ways.reply).toEqual({ ...none, app: true, sound: true })
    expect(moved.quiet).toEqual({ on: true, starts: '19:00', ends: '07:00' })
    expect(moved.timezone).toBe('Europe/Kyiv')
    expect(usual.ways.reply.app).toBe(false)
  })

  it.each([null, '', 'not json', '{"ways": 5}', '{"quiet": {"from": ""}}'])('%s are as if nothing had been chosen', (kept) => {
    expect(movedChoices(usual, kept, 'UTC')).toEqual(usual)
  })
})
