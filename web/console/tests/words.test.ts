import { describe, expect, it } from 'vitest'
import type { MessageView, NewMessage } from '../src/api/schema'
import { contrast, standsOut } from '../src/features/admin/widgets/contrast'
import { inlineSnippet, snippet } from '../src/features/admin/widgets/widget-form'
import { mailboxForm, needsSecret, secretsOf, settingsOf } from '../src/features/admin/mailboxes/mailbox-form'
import { browserName } from '../src/features/profile/browser'
import { isBlank, mentionsIn, readLocal, sameWords, writeLocal } from '../src/features/ticket/draft'
import { guessHeight, linkify, mergeById } from '../src/features/ticket/thread'
import { clockSpan, initials, spanWords } from '../src/shared/format'
import { fromHtml, toHtml } from '../src/shared/plain-html'
import { uuid7 } from '../src/shared/uuid7'

const message = (id: string, at: string, text = ''): MessageView => ({ id, created_at: at, text }) as MessageView

describe('a thread', () => {
  it('holds each message once, in order of time, the newest word about it winning', () => {
    const merged = mergeById(
      [message('b', '2026-01-01T10:01:00Z', 'old'), message('a', '2026-01-01T10:00:00Z')],
      [message('b', '2026-01-01T10:01:00Z', 'new'), message('c', '2026-01-01T09:00:00Z')],
    )

    expect(merged.map((one) => one.id)).toEqual(['c', 'a', 'b'])
    expect(merged.at(-1)?.text).toBe('new')
  })

  it('finds links without their punctuation and never makes one of a script', () => {
    const pieces = linkify('See https://example.com/a?b=1. Or javascript:alert(1), write to help@example.com!')

    expect(pieces.filter((piece) => piece.href).map((piece) => piece.href)).toEqual(['https://example.com/a?b=1', 'mailto:help@example.com'])
    expect(pieces.map((piece) => piece.text).join('')).toBe('See https://example.com/a?b=1. Or javascript:alert(1), write to help@example.com!')
  })

  it('guesses a height between its bounds', () => {
    expect(guessHeight('')).toBe(96)
    expect(guessHeight('x\n'.repeat(500))).toBe(420)
  })
})

describe('a draft', () => {
  it('goes again under its first id only when it says the same', () => {
    const first = { id: 'a', kind: 'reply', html: '<p>Hello</p>', after_message_id: 'x' } as NewMessage

    expect(sameWords(first, { ...first, id: 'b', after_message_id: 'y' })).toBe(true)
    expect(sameWords(first, { ...first, id: 'b', html: '<p>Hello!</p>' })).toBe(false)
  })

  it('is blank when the editor holds empty paragraphs only', () => {
    expect(isBlank('<p></p><p>&nbsp;<br></p>')).toBe(true)
    expect(isBlank('<p>a</p>')).toBe(false)
  })

  it('survives a reload in the browser', () => {
    const draft = { html: '<p>half a sen</p>', kind: 'reply' as const, attachments: [], articles: [], version: 3, unsaved: true }

    writeLocal('agent', 'ticket', draft)

    expect(readLocal('agent', 'ticket')).toEqual(draft)
    expect(readLocal('somebody-else', 'ticket')).toBeNull()
  })

  it('names each mentioned colleague once', () => {
    const html = '<p><span data-type="mention" data-id="1">@A</span> <span data-type="mention" data-id="1">@A</span><span data-type="mention" data-id="2">@B</span></p>'
    expect(mentionsIn(html)).toEqual(['1', '2'])
  })
})

describe('plain text', () => {
  it('becomes HTML with every sign escaped, and back', () => {
    expect(toHtml('a <b> & c\nd\n\ne')).toBe('<p>a &lt;b&gt; &amp; c<br>d</p><p>e</p>')
    expect(fromHtml(toHtml('a <b> & c\nd\n\ne'))).toBe('a <b> & c\nd\n\ne')
  })
})

describe('figures', () => {
  it('show spans as clocks', () => {
    expect([clockSpan(-5), clockSpan(65_000), clockSpan(3_725_000), clockSpan(200_000_000)]).toEqual(['0:00', '1:05', '1:02:05', '2d 7h'])
    expect(spanWords(3_600, 'en')).toMatch(/^60 min/)
  })

  it('make initials of any script', () => {
    expect([initials('Олена Коваленко'), initials('  '), initials('Liu')]).toEqual(['ОК', '?', 'L'])
  })
})

describe('a message id', () => {
  it('is a UUIDv7 that sorts by time', () => {
    const early = uuid7(1_700_000_000_000)
    const late = uuid7(1_700_000_000_001)

    expect(early).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(early < late).toBe(true)
    expect(early.startsWith('018bcfe5-6800')).toBe(true)
  })
})

describe('the forms of administration', () => {
  it('send a mailbox in the words of the server and keep secrets that were not typed', () => {
    const form = mailboxForm(null)
    Object.assign(form, { address: 'help@example.com', imap_host: 'imap', smtp_host: 'smtp', imap_user: 'u', aliases: 'a@x.com, b@x.com', smtp_password: 's' })

    const settings = settingsOf(form)

    expect(Object.keys(settings).sort()).toEqual([
      'address', 'aliases', 'display_name', 'fetch_since', 'folder', 'imap_host', 'imap_port', 'imap_tls', 'imap_user', 'mark_seen',
      'plus_addressing', 'smtp_host', 'smtp_port', 'smtp_tls', 'smtp_user', 'trusted_authserv_id',
    ])
    expect(settings['aliases']).toEqual(['a@x.com', 'b@x.com'])
    expect(secretsOf(form, null)).toEqual({ smtp_password: 's' })
  })

  it('ask for a saved password again before it goes elsewhere, and forget one that is of no use', () => {
    const saved = {
      name: 'Support', queue_id: null, enabled: true, secrets_set: ['imap_password', 'smtp_password'],
      settings: { imap_host: 'imap.example', imap_user: 'support', smtp_host: 'smtp.example', smtp_user: 'support' },
    } as unknown as Parameters<typeof mailboxForm>[0]
    const form = mailboxForm(saved)
    expect([needsSecret(form, saved, 'imap'), needsSecret(form, saved, 'smtp')]).toEqual([false, false])

    Object.assign(form, { imap_host: 'imap.evil.example', smtp_user: '' })

    expect([needsSecret(form, saved, 'imap'), needsSecret(form, saved, 'smtp')]).toEqual([true, false])
    expect(secretsOf(form, saved)).toEqual({ smtp_password: '' })
  })

  it('offer lines to embed a widget and know which colours stand out', () => {
    const account = { public_key: 'k1' } as Parameters<typeof snippet>[0]
    expect(snippet(account, 'https://center.example')).toBe('<script src="https://center.example/widget.js" data-key="k1" async></script>')
    expect(inlineSnippet(account, 'https://center.example')).toContain('data-target="#chat"')
    expect(contrast('#ffffff', '#000000')).toBeCloseTo(21)
    expect(standsOut('#ffff00', '#ffff00').light).toBeLessThan(3)
    expect(standsOut('#ffff00', '#ffff00').dark).toBeGreaterThan(3)
  })
})

describe('a browser', () => {
  it('is known by its short name', () => {
    expect(browserName('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36')).toBe('Chrome · Linux')
    expect(browserName('curl/8.1')).toBe('curl/8.1')
  })
})
