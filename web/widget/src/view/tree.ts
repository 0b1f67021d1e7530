/** Draws an article from its tree: elements of a fixed list, texts as texts, links that are safe. */

import type { Tree } from '../types'
import { element } from './dom'

const SHOWN = new Set(['p', 'ul', 'ol', 'li', 'strong', 'b', 'em', 'i', 'code', 'pre', 'blockquote', 'br', 'hr', 'table', 'thead', 'tbody', 'tr', 'th', 'td'])

export function grown(trees: readonly Tree[], base: string): Node[] {
  return trees.map((tree) => grow(tree, base))
}

function grow(tree: Tree, base: string): Node {
  if (typeof tree === 'string') return document.createTextNode(tree)
  const children = grown(tree.children ?? [], base)
  if (tree.tag === 'a') return link(tree.href ?? '', base, children)
  // The title above is the article's first heading: its own stand below it.
  const tag = /^h[1-6]$/.test(tree.tag) ? 'h4' : SHOWN.has(tree.tag) ? tree.tag : 'span'
  return element(tag as 'p', {}, ...children)
}

function link(href: string, base: string, children: Node[]): Node {
  try {
    const url = new URL(href, base)
    if (['http:', 'https:', 'mailto:'].includes(url.protocol)) {
      return element('a', { attributes: { href: url.href, target: '_blank', rel: 'noopener noreferrer' } }, ...children)
    }
  } catch {
    // No address: the words remain.
  }
  return element('span', {}, ...children)
}
