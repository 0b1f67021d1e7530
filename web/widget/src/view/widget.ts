/** The whole widget on the page: launcher, panel, and which of its parts is shown. */

import type { Chat } from '../chat'
import type { State } from '../store'
import { unread } from '../thread'
import { directionOf, type Words } from '../words'
import { ArticleView } from './article'
import { ComposerView } from './composer'
import { ConsentView } from './consent'
import { attribute, element, icon, say } from './dom'
import { FormView } from './form'
import { HailView } from './hail'
import { HomeView } from './home'
import type { Place } from './place'
import { brand, dress, sheet } from './styles'
import { ThreadView } from './thread'
import { keepInside } from './viewer'

const NARROW = '(max-width: 480px)'

export class WidgetView {
  readonly host: HTMLElement
  private readonly frame: HTMLElement
  private readonly launcher: HTMLButtonElement
  private readonly badge = element('span', { class: 'badge', attributes: { hidden: true, 'aria-hidden': 'true' } })
  private readonly panel: HTMLElement
  private readonly status = element('p')
  private readonly strip = element('div', { class: 'strip', attributes: { role: 'status', hidden: true } })
  private readonly notice = element('div', { class: 'strip notice', attributes: { role: 'alert', hidden: true } })
  private readonly typing = element('div', { class: 'typing', attributes: { 'aria-live': 'polite' } })
  private readonly thread: ThreadView
  private readonly composer: ComposerView
  private readonly form: FormView
  private readonly home: HomeView
  private readonly consent: ConsentView
  private readonly hail: HailView
  private readonly article: ArticleView
  private readonly back: HTMLButtonElement
  private readonly root: ShadowRoot
  private readonly unwatch: () => void
  private shownOpen = false

  constructor(
    private readonly chat: Chat,
    private readonly words: Words,
    private readonly place: Place,
  ) {
    const { info } = chat.store.state
    this.thread = new ThreadView(chat, words, info.locale)
    this.composer = new ComposerView(chat, words)
    this.form = new FormView(chat, words)
    this.home = new HomeView(chat, words)
    this.consent = new ConsentView(chat, words)
    this.hail = new HailView(chat, words)
    this.article = new ArticleView(chat, words)
    this.back = element('button', { class: 'iconic back', attributes: { type: 'button', 'aria-label': words.openHome } }, icon('back'))
    this.back.addEventListener('click', () => chat.go('home'))
    this.panel = this.makePanel(info.title)
    this.launcher = this.makeLauncher()
    const direction = place.direction ?? (document.documentElement.dir === 'rtl' ? 'rtl' : directionOf(info.locale))
    this.frame = element(
      'div',
      { class: `cc ${info.theme} ${info.position}${place.box ? ' inline' : ''}`, attributes: { lang: info.locale, dir: direction } },
      this.panel,
      !place.box && this.hail.root,
      !place.box && this.launcher,
    )
    this.host = document.createElement('contact-center-chat')
    if (place.box) this.host.setAttribute('inline', '')
    this.root = this.host.attachShadow({ mode: 'closed' })
    dress(this.root, place.nonce, brand(info), sheet)
    this.root.append(this.frame)
    this.unwatch = chat.store.watch((state, before) => this.draw(state, before))
    this.draw(chat.store.state, { ...chat.store.state, open: false })
    ;(place.box ?? document.body).append(this.host)
  }

  get draft(): string {
    return this.composer.draft
  }

  set draft(text: string) {
    this.composer.draft = text
  }

  destroy(): void {
    this.unwatch()
    this.host.remove()
  }

  /** Only to be looked at. */
  still(): void {
    this.frame.inert = true
  }

  private makeLauncher(): HTMLButtonElement {
    const { launcher } = this.chat.store.state.info
    const made = element(
      'button',
      { class: `launcher${launcher.text ? ' worded' : ''}`, attributes: { type: 'button', 'aria-haspopup': 'dialog', 'aria-expanded': 'false' } },
      icon(launcher.icon),
      launcher.text && element('span', { text: launcher.text }),
      this.badge,
    )
    made.addEventListener('click', () => this.chat.setOpen(!this.chat.store.state.open))
    return made
  }

  private makePanel(title: string): HTMLElement {
    const close = element('button', { class: 'iconic', attributes: { type: 'button', 'aria-label': this.words.close } }, icon('close'))
    close.addEventListener('click', () => this.chat.setOpen(false))
    const heading = element('h2', { text: title, attributes: { id: 'cc-title' } })
    return element(
      'section',
      {
        class: 'panel',
        attributes: { role: this.place.box ? 'region' : 'dialog', 'aria-labelledby': 'cc-title', hidden: true },
        on: { keydown: (event) => this.pressed(event) },
      },
      element('div', { class: 'head' }, this.back, element('div', {}, heading, this.status), !this.place.box && close),
      this.strip,
      this.notice,
      this.home.root,
      this.article.root,
      this.thread.root,
      this.typing,
      this.consent.root,
      this.form.root,
      this.composer.root,
    )
  }

  private draw(state: State, before: State): void {
    this.drawLauncher(state)
    attribute(this.panel, 'hidden', !state.open)
    say(this.status, state.online ? this.words.online : this.words.away)
    this.show(this.strip, this.stripWords(state))
    this.show(this.notice, state.notice)
    say(this.typing, state.typing ? this.words.typing(state.typing) : '')
    const talking = state.view === 'thread'
    this.home.root.hidden = state.view !== 'home'
    this.article.root.hidden = state.view !== 'article'
    this.back.hidden = state.view === 'home' || !this.hasHome(state)
    this.thread.root.hidden = this.typing.hidden = !talking
    this.consent.root.hidden = !talking || state.agreed
    this.form.root.hidden = !talking || state.introduced || !state.agreed
    this.composer.root.hidden = !talking || !state.introduced || !state.agreed || this.mustSignIn(state)
    this.home.draw(state, before)
    this.hail.draw(state, before)
    this.article.draw(state, before)
    this.form.draw(state)
    this.composer.draw(state, before)
    this.thread.draw(state, before)
    if (state.open !== before.open) this.moved(state.open)
    else if (state.open && (state.view !== before.view || (state.introduced && !before.introduced) || (state.agreed && !before.agreed))) this.focus(state)
  }

  private hasHome(state: State): boolean {
    return state.info.articles || state.conversations.length > 0
  }

  private focus(state: State): void {
    if (state.view === 'home') return this.home.focus()
    if (state.view === 'article') return this.article.focus()
    this.thread.toEnd()
    if (!state.agreed) return this.consent.focus()
    if (state.introduced) this.composer.field.focus()
    else this.form.focus()
  }

  private drawLauncher(state: State): void {
    const count = state.open ? 0 : unread(state.messages)
    attribute(this.launcher, 'aria-expanded', String(state.open))
    const label = state.open ? this.words.close : this.words.open
    const { text } = state.info.launcher
    // What can be read on the button is part of what it is called.
    attribute(this.launcher, 'aria-label', [text, label, count ? this.words.unread(count) : ''].filter(Boolean).join(', '))
    say(this.badge, count > 99 ? '99+' : String(count))
    this.badge.hidden = !count
    if (this.shownOpen !== state.open) this.launcher.firstElementChild?.replaceWith(icon(state.open ? 'close' : state.info.launcher.icon))
    this.shownOpen = state.open
  }

  private stripWords(state: State): string {
    if (this.mustSignIn(state)) return this.words.signIn
    if (state.link === 'down') return this.words.offline
    if (state.link === 'connecting') return this.words.connecting
    return state.online ? '' : state.info.offline
  }

  private mustSignIn(state: State): boolean {
    return state.info.identity_required && !state.visitor?.verified
  }

  private show(strip: HTMLElement, words: string): void {
    say(strip, words)
    strip.hidden = !words
  }

  private moved(open: boolean): void {
    if (this.place.box) return this.thread.toEnd()
    const narrow = matchMedia(NARROW).matches
    attribute(this.panel, 'aria-modal', open && narrow ? 'true' : false)
    if (open) {
      this.focus(this.chat.store.state)
    } else if (this.root.activeElement || document.activeElement === this.host) this.launcher.focus()
  }

  private pressed(event: KeyboardEvent): void {
    if (this.place.box) return
    if (event.key === 'Escape' && !event.isComposing) {
      event.stopPropagation()
      this.chat.setOpen(false)
    } else if (event.key === 'Tab' && matchMedia(NARROW).matches) keepInside(event, this.panel) // On a phone the panel covers the page.
  }
}
