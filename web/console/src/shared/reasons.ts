/** Why something did not arrive, in the reader's language where it is one of the reasons we know. */

type Translate = (key: string) => string
type Knows = (key: string) => boolean

/** Our own reasons are words; a provider's end with its code, as in "… (30003)". */
export function reasonText(given: string, t: Translate, te: Knows): string {
  const code = /\((\d{5,6})\)$/.exec(given)?.[1]
  const key = code ? `provider.e${code}` : `reasons.${given}`
  if (!te(key)) return given
  return code ? `${t(key)} (${code})` : t(key)
}
