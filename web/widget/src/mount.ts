/** One widget on the page: its parts put together, rebuilt in another language, taken away. */

import type { Api } from './api'
import { Chat, type Tell } from './chat'
import { Greeter } from './greeter'
import type { Memory } from './storage'
import { firstState, Store } from './store'
import type { WidgetInfo } from './types'
import type { Place } from './view/place'
import { WidgetView } from './view/widget'
import { wordsFor } from './words'

export class Mount {
  readonly chat: Chat
  private readonly store: Store
  private readonly greeter: Greeter
  private readonly listening = new AbortController()
  private view: WidgetView

  constructor(
    private readonly api: Api,
    private readonly memory: Memory,
    info: WidgetInfo,
    private readonly place: Place,
    tell: Tell,
  ) {
    const words = wordsFor(info.locale)
    this.store = new Store({ ...firstState(info), agreed: !info.consent || memory.agreed })
    this.chat = new Chat(api, memory, this.store, words, tell)
    this.view = new WidgetView(this.chat, words, place)
    this.greeter = new Greeter(this.store, memory)
    if (place.box) this.chat.setOpen(true)
  }

  start(): void {
    this.listen()
    this.chat.start()
    this.greeter.start()
  }

  /** Speak another language from now on; what is being written stays. */
  async setLocale(locale: string): Promise<void> {
    const info = await this.api.widget([locale])
    const { draft } = this.view
    this.view.destroy()
    this.chat.words = wordsFor(info.locale)
    this.store.set({ info })
    this.view = new WidgetView(this.chat, this.chat.words, this.place)
    this.view.draft = draft
  }

  destroy(): void {
    this.listening.abort()
    this.chat.stop()
    this.greeter.stop()
    this.view.destroy()
  }

  private listen(): void {
    const { signal } = this.listening
    addEventListener('online', () => this.chat.wake(), { signal })
    document.addEventListener('visibilitychange', () => this.chat.wake(), { signal })
    addEventListener(
      'storage',
      (event) => {
        if (event.key === this.memory.tokenKey || event.key === null) this.chat.tokenChanged()
      },
      { signal },
    )
  }
}
