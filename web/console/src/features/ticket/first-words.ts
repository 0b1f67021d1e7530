/** By which accounts a client can be written to first, and what each asks for. */
import type { AccountView, ReplyRoute } from '@/api/schema'

export interface FirstWay {
  account: string
  name: string
  channel: string
  /** Where it would go, as far as that is known. */
  handle: string
  forbidden: boolean
  /** Only an approved text may be sent. */
  template: boolean
}

/** Anybody with an address or a number can be written to by these. */
const ADDRESSED = new Set<string>(['mail', 'sms', 'whatsapp', 'whatsapp_cloud'])
const APPROVED = new Set<string>(['whatsapp', 'whatsapp_cloud'])

/** Ways that are known of the client first, then those whose address must be typed. */
export function firstWays(accounts: AccountView[], ways: ReplyRoute[], email: string | null, now: number): FirstWay[] {
  const known = ways.map((way) => ({
    account: way.account_id,
    name: way.name,
    channel: way.channel,
    handle: way.recipient.handle,
    forbidden: way.forbidden,
    template: way.templates && way.open_until !== null && Date.parse(way.open_until) <= now,
  }))
  const typed = accounts
    .filter((one) => one.enabled && ADDRESSED.has(one.kind) && !ways.some((way) => way.account_id === one.id))
    .map((one) => ({
      account: one.id,
      name: one.name,
      channel: one.kind,
      handle: one.kind === 'mail' ? (email ?? '') : '',
      forbidden: false,
      template: APPROVED.has(one.kind),
    }))
  return [...known, ...typed]
}

/** The first that nothing stands in, mail before the others: it costs nothing. */
export function usualWay(ways: FirstWay[]): FirstWay | undefined {
  const free = ways.filter((one) => !one.forbidden && one.handle)
  return free.find((one) => one.channel === 'mail') ?? free[0] ?? ways.find((one) => !one.forbidden)
}
