/** What went wrong, in the reader's words: ours for the code, with the server's own sentence where it says more. */
import { ApiError } from '@/api/client'
import { i18n } from '@/shared/i18n'

/** Here our words say everything; the server's sentence would only repeat them. */
const SAID = new Set(['unreachable', 'broken', 'aborted', 'forbidden', 'sign_in_required', 'too_many_tries', 'overloaded'])

/** In English the server's sentence, which names the cure; elsewhere our words first, as the server speaks English only. */
export function errorText(error: unknown): string {
  const { t, te, locale } = i18n.global
  if (!(error instanceof ApiError)) return t('errors.broken')
  if (error.reason && te(`refusals.${error.reason}`, 'en')) return t(`refusals.${error.reason}`)
  const known = te(`errors.${error.code}`, 'en')
  if (!error.message) return t(known ? `errors.${error.code}` : 'errors.broken')
  if ((locale as unknown as { value: string }).value === 'en') return error.message
  const words = t(known ? `errors.${error.code}` : 'errors.refused')
  return SAID.has(error.code) ? words : `${words} (${error.message})`
}
