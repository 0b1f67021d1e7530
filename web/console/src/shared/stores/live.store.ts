/** The live link of this console and who listens to it. */
import { defineStore } from 'pinia'
import { onScopeDispose, reactive, ref } from 'vue'
import { LiveLink, type Entry, type LinkState, type Said, type Typing, type Viewing } from '@/api/live'
import type { Id } from '@/api/schema'
import { fetchMe } from '@/api/session'

type Hear<T> = (frame: T) => void

/** How many tickets the server tells about side by side. */
const MOST_SHOWN = 4

class Ears<T> {
  private readonly all = new Set<Hear<T>>()

  add(hear: Hear<T>): () => void {
    this.all.add(hear)
    return () => this.all.delete(hear)
  }

  tell(frame: T): void {
    for (const hear of [...this.all]) hear(frame)
  }
}

const entries = new Ears<Entry>()
const typings = new Ears<Typing>()
const viewings = new Ears<Viewing>()
const resyncs = new Ears<void>()

/** Hears journal entries of these kinds until the surrounding component or store ends. */
export function onEntry(kinds: readonly string[], hear: Hear<Entry>): void {
  onScopeDispose(entries.add((entry) => kinds.includes(entry.kind) && hear(entry)))
}

/** Events may have been missed: whoever shows something asks for it again. */
export function onResync(hear: () => void): void {
  onScopeDispose(resyncs.add(hear))
}

export function onTyping(hear: Hear<Typing>): void {
  onScopeDispose(typings.add(hear))
}

export function onViewing(hear: Hear<Viewing>): void {
  onScopeDispose(viewings.add(hear))
}

export const useLive = defineStore('live', () => {
  const state = ref<LinkState>('closed')
  const retryAt = ref<number | null>(null)
  const lostOnce = ref(false)
  /** The tickets on this screen, each with how many parts show it. */
  const shown = reactive(new Map<Id, number>())
  let told = ''
  let endSession: () => void = () => undefined

  const link = new LiveLink({
    state(next, at) {
      state.value = next
      retryAt.value = at
      if (next === 'waiting') lostOnce.value = true
      if (next !== 'open') return
      lostOnce.value = false
      told = ''
      tellShown()
    },
    entry(entry) {
      entries.tell(entry)
      // Sample data came or went, much at once: whoever shows something asks for it again.
      if (entry.kind === 'SamplesChanged') resyncs.tell()
    },
    typing: (frame) => typings.tell(frame),
    viewing: (frame) => viewings.tell(frame),
    resync: () => resyncs.tell(),
    signedOut: () => endSession(),
    // Its answer says so where nobody is signed in, like every other answer would.
    refused: () => void fetchMe().catch(() => undefined),
  })

  function tellShown(): void {
    const ids = [...shown.keys()].slice(-MOST_SHOWN)
    if (ids.join() === told) return
    told = ids.join()
    link.say({ type: 'view', ticket_ids: ids })
  }

  /** This ticket is on the screen until the function that is returned is called. */
  function show(ticket: Id): () => void {
    shown.set(ticket, (shown.get(ticket) ?? 0) + 1)
    queueMicrotask(tellShown)
    return () => {
      const left = (shown.get(ticket) ?? 1) - 1
      if (left) shown.set(ticket, left)
      else shown.delete(ticket)
      queueMicrotask(tellShown)
    }
  }

  function open(seq: number, signedOut: () => void): void {
    endSession = signedOut
    link.open(seq)
  }

  window.addEventListener('online', () => link.hurry())
  document.addEventListener('visibilitychange', () => document.hidden || link.hurry())

  return {
    state,
    retryAt,
    lostOnce,
    shown,
    show,
    open,
    close: () => link.close(),
    hurry: () => link.hurry(),
    say: (frame: Said) => link.say(frame),
  }
})
