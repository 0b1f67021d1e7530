/** Shows a widget that an administrator is still editing: told by the console, silent to the center. */

import { Api } from './api'
import { Chat } from './chat'
import { Memory, memoryShelf } from './storage'
import { firstState, Store } from './store'
import type { Message, WidgetInfo } from './types'
import type { Place } from './view/place'
import { WidgetView } from './view/widget'
import { wordsFor } from './words'

const TOLD = 'contact-center-preview'

interface Told {
  type: typeof TOLD
  info: WidgetInfo
  open: boolean
}

/** Draw what the console around this page tells, again and again. */
export function preview(place: Place): void {
  let view: WidgetView | null = null
  addEventListener('message', (event: MessageEvent<Told>) => {
    if (event.source !== parent || event.origin !== location.origin || event.data?.type !== TOLD) return
    view?.destroy()
    view = draw(event.data, place)
  })
  parent.postMessage({ type: `${TOLD}-ready` }, location.origin)
}

function draw({ info, open }: Told, place: Place): WidgetView {
  const words = wordsFor(info.locale)
  const store = new Store({ ...firstState(info), open, introduced: true, link: 'up', messages: sample(info) })
  const api = new Api(location.origin, 'preview')
  const view = new WidgetView(new Chat(api, new Memory(memoryShelf(), 'preview'), store, words, () => undefined), words, place)
  view.still()
  return view
}

function sample(info: WidgetInfo): Message[] {
  const words = wordsFor(info.locale)
  const at = (ago: number): string => new Date(Date.now() - ago * 60_000).toISOString()
  const plain = { client_id: null, files: [], name: '', choices: [], conversation: null, read: true }
  return [
    { ...plain, id: 'asked', client_id: 'asked', from: 'visitor', text: words.sampleQuestion, at: at(2) },
    { ...plain, id: 'answered', from: 'agent', name: words.agent, text: words.sampleAnswer, at: at(1) },
  ]
}
