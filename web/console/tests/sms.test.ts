import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ReplyRoute } from '../src/api/schema'
import { connectionForm, needsSecret, settingsOf } from '../src/features/admin/messengers/connection-form'
import { connectionOf } from '../src/features/admin/messengers/connections'
import { isShut } from '../src/features/ticket/limits'
import { segmentsOf } from '../src/features/ticket/segments'
import { i18n } from '../src/shared/i18n'
import { reasonText } from '../src/shared/reasons'

interface Row {
  what: string
  text: [string, number][]
  encoding: string
  count: number
  room: number
}

/** The server counts the same texts. */
const table = JSON.parse(readFileSync(join(__dirname, '../../../tests/channels/twilio/segments.json'), 'utf8')) as Row[]

describe('a text as SMS', () => {
  it.each(table)('takes its segments: $what', (row) => {
    const text = row.text.map(([piece, times]) => piece.repeat(times)).join('')

    expect(segmentsOf(text)).toEqual({ encoding: row.encoding, count: row.count, room: row.room })
  })
})

describe('a way to the client', () => {
  const noon = Date.parse('2030-01-07T12:00:00Z')
  const way = (forbidden: boolean, until: string | null): ReplyRoute => ({ forbidden, open_until: until }) as unknown as ReplyRoute

  it('is shut when the client forbade it, or from the second on in which its window closes', () => {
    expect(isShut(way(true, null), noon)).toBe(true)
    expect(isShut(way(false, '2030-01-07T12:00:01Z'), noon)).toBe(false)
    expect(isShut(way(false, '2030-01-07T12:00:00Z'), noon)).toBe(true)
    expect([isShut(way(false, null), noon), isShut(null, noon)]).toEqual([false, false])
  })
})

describe('a reason', () => {
  const { t, te } = i18n.global
  const words = (given: string): string => reasonText(given, t, te)

  it('of a provider is known by its code, ours by its word, and any other stays as it is', () => {
    expect(words('whatever Twilio says (30003)')).toBe('The phone is switched off or out of reach; send it again later (30003)')
    expect(words('client_wrote')).toBe('The client wrote first. Read it, then send this or take it back.')
    expect(words('550 no such user (99999)')).toBe('550 no such user (99999)')
    expect(words('')).toBe('')
  })
})

describe('a number in the form', () => {
  const sms = connectionOf('sms')
  const token = sms.fields.find((field) => field.name === 'auth_token')!

  it('gives its rate as a number, and nothing that was left empty', () => {
    const form = connectionForm(sms, null)
    form.values = { ...form.values, account_sid: 'AC1', number: '+1500', per_second: '2.5' }

    expect(settingsOf(sms, form)).toEqual({ account_sid: 'AC1', number: '+1500', per_second: 2.5, api_url: 'https://api.twilio.com' })
  })

  it('asks for the token anew when it would go to another account', () => {
    const saved = { secrets_set: ['auth_token'], settings: { account_sid: 'AC1', number: '+1500', per_second: 2 } } as never
    const form = connectionForm(sms, saved)
    const moved = { ...form, values: { ...form.values, account_sid: 'AC2' } }

    expect(form.values['per_second']).toBe('2')
    expect([needsSecret(sms, token, form, saved), needsSecret(sms, token, moved, saved)]).toEqual([false, true])
  })
})
