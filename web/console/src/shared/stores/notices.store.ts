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
}

const SHOWN_MS = 6_000

export const useNotices = defineStore('notices', () => {
  const notices = ref<Notice[]>([])
  let last = 0

  function say(text: string, tone: Notice['tone'] = 'good', to?: RouteLocationRaw): void {
    const id = ++last
    notices.value.push({ id, tone, text, to })
    setTimeout(() => drop(id), SHOWN_MS)
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

  return { notices, say, drop, attempt }
})
