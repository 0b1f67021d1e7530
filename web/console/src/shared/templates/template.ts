/** A template with values: how it reads, what is missing, and what is found by words. */
import type { TemplateView } from '@/api/schema'

export type Values = Record<string, string>

const VARIABLE = /\{\{\s*([A-Za-z0-9_.]{1,80})\s*\}\}/g
const GAP = /[\r\n\t]| {4}/

export interface Piece {
  text: string
  /** The variable that stands here without a value yet. */
  empty: boolean
}

/** The words in pieces, so that what is still open can be told apart. */
export function pieces(text: string, values: Values): Piece[] {
  const found: Piece[] = []
  let from = 0
  for (const match of text.matchAll(VARIABLE)) {
    if (match.index > from) found.push({ text: text.slice(from, match.index), empty: false })
    const value = values[match[1] ?? '']?.trim()
    found.push(value ? { text: value, empty: false } : { text: nameOf(match[1] ?? ''), empty: true })
    from = match.index + match[0].length
  }
  if (from < text.length) found.push({ text: text.slice(from), empty: false })
  return found
}

export const filled = (text: string, values: Values): string =>
  pieces(text, values).map((piece) => (piece.empty ? `{${piece.text}}` : piece.text)).join('')

/** As the server will keep it in the thread. */
export function rendered(template: TemplateView, values: Values): string {
  const links = template.variables.filter((one) => one.link && values[one.key]).map((one) => `[${values[one.key]}]`)
  const buttons = template.buttons.map((one) => `[${filled(one, values)}]`).join(' ')
  return [...links, ...[template.header, template.body, template.footer].map((part) => filled(part, values)), buttons].filter(Boolean).join('\n\n')
}

/** The part of a key that means something to people: `body.1` is 1, `body.first_name` is first_name. */
export const nameOf = (key: string): string => key.split('.').at(-1) ?? key

/** Where a variable stands, when that is not the text itself. */
export function placeOf(key: string): 'header' | 'button' | '' {
  return key.startsWith('header.') ? 'header' : key.startsWith('button.') ? 'button' : ''
}

export type Flaw = 'missing' | 'gap' | 'link'

export function flawOf(value: string | undefined, link: boolean): Flaw | null {
  const given = value?.trim() ?? ''
  if (!given) return 'missing'
  if (GAP.test(given)) return 'gap'
  return link && !/^https:\/\/\S+$/.test(given) ? 'link' : null
}

export const isComplete = (template: TemplateView, values: Values): boolean =>
  template.usable && template.variables.every((one) => flawOf(values[one.key], one.link) === null)

/** Those with all the words, in the language or in any; what can be sent comes first. */
export function search(templates: TemplateView[], words: string, language: string): TemplateView[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const found = templates.filter((one) => {
    const text = `${one.name} ${one.category} ${one.header} ${one.body} ${one.footer}`.toLowerCase()
    return (!language || one.language === language) && wanted.every((word) => text.includes(word))
  })
  return found.sort((one, other) => Number(other.usable) - Number(one.usable))
}

export const languagesOf = (templates: TemplateView[]): string[] => [...new Set(templates.map((one) => one.language))].sort()
