/** One article, read inside the chat. */

import type { Chat } from '../chat'
import type { State } from '../store'
import type { Words } from '../words'
import { attribute, element, say } from './dom'
import { grown } from './tree'

export class ArticleView {
  readonly root: HTMLElement
  private readonly title = element('h3', { attributes: { tabindex: '-1' } })
  private readonly body = element('div', { class: 'prose' })
  private readonly full: HTMLAnchorElement

  constructor(chat: Chat, words: Words) {
    this.full = element('a', { text: words.fullArticle, attributes: { target: '_blank', rel: 'noopener' } })
    const ask = element('button', { class: 'primary', text: words.noHelp, attributes: { type: 'button' } })
    ask.addEventListener('click', () => chat.startNew())
    this.root = element(
      'div',
      { class: 'article' },
      element('div', { class: 'pages', attributes: { tabindex: '0', role: 'region', 'aria-label': words.found } }, this.title, this.body, this.full),
      ask,
    )
  }

  draw(state: State, before: State): void {
    const { article } = state
    if (!article || article === before.article) return
    say(this.title, article.title)
    attribute(this.root, 'lang', article.locale)
    attribute(this.full, 'href', article.url)
    this.body.replaceChildren(...grown(article.body, article.url))
    this.root.firstElementChild!.scrollTop = 0
  }

  focus(): void {
    this.title.focus()
  }
}
