/** What went wrong, in the reader's words: the server's sentence, or ours when there is none. */
import { ApiError } from '@/api/client'
import { i18n } from '@/shared/i18n'

const KNOWN = new Set(['unreachable', 'unreadable', 'forbidden', 'not_found', 'conflict', 'overloaded', 'aborted', 'too_many_tries'])

export function errorText(error: unknown): string {
  const t = i18n.global.t
  if (!(error instanceof ApiError)) return t('errors.unreadable')
  if (error.message) return error.message
  return t(`errors.${KNOWN.has(error.code) ? error.code : 'unreadable'}`)
}
