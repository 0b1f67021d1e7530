import { describe, expect, it } from 'vitest'
import type { AccountView } from '../src/api/schema'
import { connectionForm, hookAddress, needsSecret, newSecret, secretsOf, settingsOf } from '../src/features/admin/messengers/connection-form'
import { CONNECTIONS, connectionOf } from '../src/features/admin/messengers/connections'
import type { Connection, Field } from '../src/features/admin/messengers/connections'
import { i18n } from '../src/shared/i18n'

const bot = connectionOf('telegram')
const app = connectionOf('custom')
const token = bot.fields.find((field) => field.as === 'secret')!
const saved = { name: 'Shop', kind: 'telegram', public_key: 'key', enabled: true, queue_id: null, secrets_set: ['bot_token'], settings: { receiving: 'webhook' } } as unknown as AccountView

function filled(about: Connection, values: Record<string, string>): ReturnType<typeof connectionForm> {
  const form = connectionForm(about, null)
  return { ...form, values: { ...form.values, ...values } }
}

describe('an account in the form', () => {
  it('comes out as it went in, its secrets only when they were typed', () => {
    const form = connectionForm(bot, saved)

    expect(settingsOf(bot, form)).toEqual({ receiving: 'webhook', api_url: 'https://api.telegram.org' })
    expect(secretsOf(bot, form)).toEqual({})
    expect(secretsOf(bot, { ...form, values: { ...form.values, bot_token: '1:x' } })).toEqual({ bot_token: '1:x' })
  })

  it('asks for the secret when there is none, or when it would go to another server', () => {
    const form = connectionForm(bot, saved)
    const moved = { ...form, values: { ...form.values, api_url: 'https://bots.example' } }
    const emptied = { ...form, values: { ...form.values, api_url: '' } }

    expect([needsSecret(bot, token, connectionForm(bot, null), null), needsSecret(bot, token, form, saved), needsSecret(bot, token, moved, saved), needsSecret(bot, token, emptied, saved)]).toEqual([true, false, true, false])
  })

  it('writes hosts as a list, and leaves out what is empty', () => {
    expect(settingsOf(app, filled(app, { url: 'https://a.example', file_hosts: 'b.example, c.example\n' }))).toEqual({ url: 'https://a.example', file_hosts: ['b.example', 'c.example'] })
    expect(settingsOf(app, filled(app, { url: 'https://a.example' }))).toEqual({ url: 'https://a.example' })
    expect(connectionForm(app, { ...saved, settings: { file_hosts: ['b.example', 'c.example'] } }).values['file_hosts']).toBe('b.example\nc.example')
  })
})

describe('what is given to the other side', () => {
  it('is a secret that is never the same, and the address of just this account', () => {
    expect(newSecret()).toMatch(/^[0-9a-f]{64}$/)
    expect(newSecret()).not.toBe(newSecret())
    expect(hookAddress(saved, 'https://desk.example')).toBe('https://desk.example/hooks/telegram/key')
  })
})

describe('every messenger', () => {
  const words = (about: Connection, field: Field): string[] => {
    const key = `messengers.kinds.${about.kind}.${field.name}`
    return [`${key}.label`, ...(field.choices ?? []).map((choice) => `${key}.${choice}`), `settingFields.${field.name}`]
  }

  it('has words for each of its steps and fields', () => {
    const wanted = CONNECTIONS.flatMap((about) => [
      ...Array.from({ length: about.steps }, (_, at) => `messengers.kinds.${about.kind}.step${at + 1}`),
      ...about.fields.flatMap((field) => words(about, field)),
    ])

    expect(wanted.filter((key) => !i18n.global.te(key))).toEqual([])
  })
})
