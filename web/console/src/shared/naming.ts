/** What somebody without a name is called: a chat visitor by four signs, in the reader's language. */
import { i18n } from '@/shared/i18n'

/** As the server says it (`clients/naming.py`), and as a handle of the chat ends. */
const NAMELESS = /^(?:Visitor |[^:]+:visitor:[\da-f]{28})([\da-f]{4})$/
const SIGNED_IN = /^[^:]+:user:(.+)$/

/** A client's name or handle, for people to read. */
export function named(name: string): string {
  const code = NAMELESS.exec(name)?.[1]
  if (code) return `${i18n.global.t('client.visitor')} ${code}`
  return SIGNED_IN.exec(name)?.[1] ?? name
}
