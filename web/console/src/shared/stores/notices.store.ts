/** Short messages at the edge of the screen; each may lead somewhere. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { RouteLocationRaw } from 'vue-router'
import { errorText } from '@/shared/error-text'

export interface Notice {
  id: number
  tone: 'good' | 'bad' | 'info'
  text: string
  /** Where it leads, if anywhere. */
  to?: RouteLocationRaw | undefined
  /** What can be done about it: the words of its button, and what it does. */
  act?: { words: string; run: () => void } | undefined
  /** What it is about: a newer one takes its place. */
  about?: string | undefined
  /** How many it stands for. */
  count?: number | undefined
}

const SHOWN_MS = 6_000
/** Whoever may want something undone gets more time. */
const OFFERED_MS = 12_000

export const useNotices = defineStore('notices', () => {
  const notices = ref<Notice[]>([])
  let last = 0

  function say(text: string, tone: Notice['tone'] = 'good', to?: RouteLocationRaw, about?: string): void {
    const id = ++last
    const before = about === undefined ? undefined : notices.value.find((notice) => notice.about === about)
    if (before) drop(before.id)
    notices.value.push({ id, tone, text, to, about, count: (before?.count ?? 0) + 1 })
    setTimeout(() => drop(id), SHOWN_MS)
  }

  /** Says what was done, with a button beside it; returns what takes the notice away. */
  function offer(text: string, words: string, run: () => void): () => void {
    const id = ++last
    notices.value.push({ id, tone: 'good', text, act: { words, run } })
    setTimeout(() => drop(id), OFFERED_MS)
    return () => drop(id)
  }

  function drop(id: number): void {
    notices.value = notices.value.filter((notice) => notice.id !== id)
  }

  /** Runs `work`; a refusal is shown instead of thrown. Tells whether it went well. */
  async function attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      say(errorText(error), 'bad')
      return false
    }
  }

  return { notices, say, offer, drop, attempt }
})
