/** Where a provider's mail servers stand, as the providers publish it; for any other domain the usual names. */

export interface Servers {
  imap: string
  smtp: string
  port: number
  tls: 'starttls' | 'tls'
}

const KNOWN: Record<string, Servers> = {
  'gmail.com': { imap: 'imap.gmail.com', smtp: 'smtp.gmail.com', port: 465, tls: 'tls' },
  'outlook.com': { imap: 'outlook.office365.com', smtp: 'smtp.office365.com', port: 587, tls: 'starttls' },
  'icloud.com': { imap: 'imap.mail.me.com', smtp: 'smtp.mail.me.com', port: 587, tls: 'starttls' },
  'yahoo.com': { imap: 'imap.mail.yahoo.com', smtp: 'smtp.mail.yahoo.com', port: 465, tls: 'tls' },
  'ukr.net': { imap: 'imap.ukr.net', smtp: 'smtp.ukr.net', port: 465, tls: 'tls' },
  'fastmail.com': { imap: 'imap.fastmail.com', smtp: 'smtp.fastmail.com', port: 465, tls: 'tls' },
}
const ALSO: Record<string, string> = { 'googlemail.com': 'gmail.com', 'hotmail.com': 'outlook.com', 'live.com': 'outlook.com', 'me.com': 'icloud.com' }

/** A first guess by the domain of an address; null while there is no domain yet. */
export function serversOf(address: string): Servers | null {
  const domain = address.split('@')[1]?.toLowerCase() ?? ''
  if (!domain.includes('.')) return null
  return KNOWN[ALSO[domain] ?? domain] ?? { imap: `imap.${domain}`, smtp: `smtp.${domain}`, port: 587, tls: 'starttls' }
}
