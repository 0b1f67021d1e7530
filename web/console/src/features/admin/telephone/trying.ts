/** A flow tried without anybody: what was given to it so far, in which language and at what time, and what came of it. */
import { ref, watch, type Ref } from 'vue'
import type { Flow } from '@/api/call-flows'
import { useTask } from '@/shared/composables/task'

/** What every kind of trial says of itself; `at` is a moment, empty: now. */
export interface Wish {
  flow: Flow
  language?: string
  at?: string
}

interface Trial<Turn> {
  given: Ref<string[]>
  turns: Ref<Turn[]>
  language: Ref<string>
  at: Ref<string>
  busy: Ref<boolean>
  message: Ref<string>
  begin: () => void
  give: (what: string) => void
}

export function useTrial<Turn>(flow: () => Flow, ask: (wish: Wish, given: string[]) => Promise<{ turns: Turn[] }>): Trial<Turn> {
  const given = ref<string[]>([])
  const turns = ref([]) as Ref<Turn[]>
  const language = ref('')
  /** As the input gives it, in the reader's time. */
  const at = ref('')

  const { run, busy, message } = useTask(async () => {
    const wish: Wish = { flow: flow(), ...(language.value ? { language: language.value } : {}), ...(at.value ? { at: new Date(at.value).toISOString() } : {}) }
    turns.value = (await ask(wish, given.value)).turns
  })

  function begin(): void {
    given.value = []
    void run()
  }

  function give(what: string): void {
    if (busy.value) return
    given.value = [...given.value, what]
    void run()
  }

  /** What came of it belongs to the tree as it was. */
  watch(flow, () => (turns.value = []))
  return { given, turns, language, at, busy, message, begin, give }
}
