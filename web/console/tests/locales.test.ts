import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import en from '../src/locales/en/index'
import ru from '../src/locales/ru/index'
import uk from '../src/locales/uk/index'

type Tree = { [key: string]: string | Tree }

function flatten(tree: Tree, at = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    const path = at ? `${at}.${key}` : key
    if (typeof value === 'string') found.set(path, value)
    else for (const [inner, text] of flatten(value, path)) found.set(inner, text)
  }
  return found
}

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) return files(path)
    return /\.(vue|ts)$/.test(name) && !path.includes('locales') ? [path] : []
  })
}

const english = flatten(en)
const languages = { en: english, uk: flatten(uk), ru: flatten(ru) }
const holes = (text: string): string[] => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''))].sort()
const forms = (text: string): string[] => text.split(' | ')

describe.each(Object.entries(languages))('the strings in %s', (locale, strings) => {
  it('have the keys of English, no more and no fewer', () => {
    expect([...strings.keys()].sort()).toEqual([...english.keys()].sort())
  })

  it('are never empty and ask for the same values', () => {
    for (const [key, text] of strings) {
      expect(text.trim(), key).not.toBe('')
      for (const form of forms(text)) {
        const unknown = holes(form).filter((hole) => !holes(english.get(key) ?? '').includes(hole))
        expect(unknown, `${locale} ${key}`).toEqual([])
      }
    }
  })

  it('can all be rendered', () => {
    const { t } = createI18n({ legacy: false, locale, messages: { [locale]: { en, uk, ru }[locale] as Tree } }).global
    for (const [key] of strings) expect(t(key, {}, 1), key).not.toBe(key)
  })
})

describe('plural forms', () => {
  it('are three in Ukrainian and Russian wherever English has a plural', () => {
    for (const [key, text] of english) {
      if (forms(text).length === 1) continue
      expect(forms(languages.uk.get(key) ?? '').length, `uk ${key}`).toBe(3)
      expect(forms(languages.ru.get(key) ?? '').length, `ru ${key}`).toBe(3)
    }
  })
})

describe('the keys used in the code', () => {
  it('exist', () => {
    const used = new Set<string>()
    for (const path of files(join(__dirname, '../src'))) {
      const source = readFileSync(path, 'utf8')
      for (const match of source.matchAll(/\b\$?t\(\s*'([\w.-]+)'/g)) used.add(match[1] ?? '')
      for (const match of source.matchAll(/(?:label|group|title): '([a-z]+\.[\w.]+)'/g)) used.add(match[1] ?? '')
    }
    expect([...used].filter((key) => !english.has(key))).toEqual([])
    expect(used.size).toBeGreaterThan(200)
  })
})
