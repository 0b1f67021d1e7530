/** Cuts a text into plain pieces and links that are safe to follow. */

export interface Piece {
  text: string
  /** Only ever http, https or mailto. */
  href: string | null
}

const CANDIDATE = /(?:https?:\/\/|www\.)[^\s<>"']+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/giu
const TRAILING = /[.,:;!?…»”’"')\]}]+$/u
const SAFE = new Set(['http:', 'https:', 'mailto:'])

export function pieces(text: string): Piece[] {
  const found: Piece[] = []
  let from = 0
  for (const match of text.matchAll(CANDIDATE)) {
    const word = trimmed(match[0])
    const href = target(word)
    if (href === null) continue
    if (match.index > from) found.push({ text: text.slice(from, match.index), href: null })
    found.push({ text: word, href })
    from = match.index + word.length
  }
  if (from < text.length) found.push({ text: text.slice(from), href: null })
  return found
}

/** Drop punctuation that ends the sentence, but keep a bracket that the address itself opened. */
function trimmed(word: string): string {
  const tail = TRAILING.exec(word)
  if (!tail) return word
  const head = word.slice(0, tail.index)
  const closes = tail[0].startsWith(')') && head.includes('(')
  return closes ? head + ')' : head
}

function target(word: string): string | null {
  const address = /^https?:/i.test(word) ? word : word.includes('@') && !/^www\./i.test(word) ? `mailto:${word}` : `https://${word}`
  try {
    const url = new URL(address)
    return SAFE.has(url.protocol) && !url.username && !url.password ? url.href : null
  } catch {
    return null
  }
}
