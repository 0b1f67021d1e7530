/** The copy of a draft in this browser: written at every keystroke, so that no word is lost. */
import type { AttachmentView, Id, NewMessage } from '@/api/schema'

export interface LocalDraft {
  html: string
  kind: 'reply' | 'note'
  attachments: AttachmentView[]
  articles: Id[]
  /** The server's version these words were built upon. */
  version: number
  /** The server has not confirmed these words yet. */
  unsaved: boolean
}

const key = (agent: Id, ticket: Id): string => `draft.${agent}.${ticket}`

export function readLocal(agent: Id, ticket: Id): LocalDraft | null {
  try {
    return JSON.parse(localStorage.getItem(key(agent, ticket)) ?? 'null') as LocalDraft | null
  } catch {
    return null
  }
}

export function writeLocal(agent: Id, ticket: Id, draft: LocalDraft): void {
  try {
    localStorage.setItem(key(agent, ticket), JSON.stringify(draft))
  } catch {
    // A full or forbidden storage must not stop the typing; the server's copy remains.
  }
}

export function dropLocal(agent: Id, ticket: Id): void {
  localStorage.removeItem(key(agent, ticket))
}

/** Whether the editor holds nothing but empty paragraphs. */
export function isBlank(html: string): boolean {
  return !/<img/i.test(html) && html.replace(/<[^>]*>/g, '').replaceAll('&nbsp;', ' ').trim() === ''
}

/** Agents mentioned in a note. */
export function mentionsIn(html: string): Id[] {
  const document = new DOMParser().parseFromString(html, 'text/html')
  const ids = [...document.querySelectorAll('[data-type="mention"]')].map((one) => one.getAttribute('data-id') ?? '')
  return [...new Set(ids.filter(Boolean))]
}

/** Whether two tries say the same: only then may the second go under the id of the first. */
export function sameWords(one: NewMessage, other: NewMessage): boolean {
  const said = (message: NewMessage): string => JSON.stringify({ ...message, id: '', after_message_id: null })
  return said(one) === said(other)
}
