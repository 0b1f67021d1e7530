/** One report: what was asked for, and all its rows, page after page. */
import { computed, reactive, ref } from 'vue'
import { serverNow } from '@/api/client'
import { fetchAgentReport, fetchQueueReport, sheetPath, type AgentInterval, type Asked, type QueueInterval } from '@/api/floor'
import { useTask } from '@/shared/composables/task'
import { dayText, ownPeriod, periodOf, sensibleIntervals, type PeriodName } from './period'

const PAGES_MOST = 20

export interface Wish {
  of: 'queues' | 'agents'
  period: PeriodName
  first: string
  last: string
  interval: number
  only: string
}

export function useReport() {
  const today = dayText(new Date(serverNow()))
  const wish = reactive<Wish>({ of: 'queues', period: 'today', first: today, last: today, interval: 60, only: '' })
  const queues = ref<QueueInterval[]>([])
  const agents = ref<AgentInterval[]>([])
  const ready = ref(false)
  /** More rows than are asked for: the CSV has them all. */
  const cut = ref(false)

  const period = computed(() => (wish.period === 'own' ? ownPeriod(wish.first, wish.last) : periodOf(wish.period, serverNow())))
  const intervals = computed(() => (period.value ? sensibleIntervals(period.value) : []))
  const interval = computed(() => (intervals.value.includes(wish.interval) ? wish.interval : (intervals.value.find((one) => one >= wish.interval) ?? intervals.value.at(-1) ?? 1_440)))
  const asked = computed<Asked | null>(() =>
    period.value && {
      from: period.value.from.toISOString(),
      to: period.value.to.toISOString(),
      interval: interval.value,
      [wish.of === 'queues' ? 'queue_id' : 'agent_id']: wish.only || undefined,
    },
  )
  const sheet = computed(() => (asked.value ? sheetPath(wish.of, asked.value) : ''))

  async function all<T>(ask: (asked: Asked) => Promise<{ items: T[]; next: string | null }>, of: Asked): Promise<T[]> {
    const rows: T[] = []
    let cursor: string | null = null
    for (let page = 0; page < PAGES_MOST; page += 1) {
      const found: { items: T[]; next: string | null } = await ask({ ...of, cursor })
      rows.push(...found.items)
      cursor = found.next
      if (!cursor) break
    }
    cut.value = cursor !== null
    return rows
  }

  const { run, busy, message } = useTask(async () => {
    const of = asked.value
    if (!of) return
    const isOfQueues = wish.of === 'queues'
    const [found, people] = isOfQueues ? [await all(fetchQueueReport, of), []] : [[], await all(fetchAgentReport, of)]
    if (of !== asked.value) return
    queues.value = found
    agents.value = people
    ready.value = true
  })
  return { wish, period, intervals, interval, asked, sheet, queues, agents, ready, cut, run, busy, message }
}
