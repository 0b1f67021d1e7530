import { describe, expect, it } from 'vitest'
import type { AccountView, ReplyRoute } from '@/api/schema'
import { firstWays, usualWay } from '@/features/ticket/first-words'

const account = (id: string, kind: string, enabled = true): AccountView => ({ id, kind, name: id, enabled }) as AccountView
const way = (id: string, channel: string, more: Partial<ReplyRoute> = {}): ReplyRoute =>
  ({ account_id: id, channel, name: id, recipient: { handle: '+380', name: '' }, forbidden: false, open_until: null, templates: false, ...more }) as ReplyRoute
const NOW = Date.parse('2030-01-01T12:00:00Z')

describe('the first words to a client', () => {
  it('go by every account that is switched on, to what is known of the client', () => {
    const ways = firstWays([account('m', 'mail'), account('s', 'sms'), account('off', 'sms', false), account('t', 'telegram')], [way('s', 'sms')], 'a@b.example', NOW)

    expect(ways.map((one) => [one.account, one.handle])).toEqual([['s', '+380'], ['m', 'a@b.example']])
    expect(usualWay(ways)?.account).toBe('m')
  })

  it('need a template on WhatsApp, unless the client wrote a while ago', () => {
    const closed = { templates: true, open_until: '1970-01-01T00:00:00Z' }
    const open = { templates: true, open_until: '2030-01-02T00:00:00Z' }
    const ways = firstWays([account('w3', 'whatsapp')], [way('w1', 'whatsapp', closed), way('w2', 'whatsapp_cloud', open)], null, NOW)

    expect(ways.map((one) => [one.account, one.template])).toEqual([['w1', true], ['w2', false], ['w3', true]])
  })

  it('never go where the client forbade it', () => {
    const ways = firstWays([account('m', 'mail')], [way('s', 'sms', { forbidden: true })], null, NOW)

    expect(usualWay(ways)?.account).toBe('m')
  })
})
