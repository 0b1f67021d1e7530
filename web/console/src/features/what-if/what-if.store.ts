/** The day that is tried out: as it is, as it might be, and what the server found of both. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { ApiError } from '@/api/client'
import { fetchExampleDay, fetchOwnDay, rehearse, type Report, type Scenario } from '@/api/what-if'
import { busier, copyOf, freeName, sameDay } from './change'

export type Source = 'example' | 'own'

export const useWhatIf = defineStore('what-if', () => {
  const source = ref<Source>('example')
  const pastDays = ref(14)
  const base = shallowRef<Scenario | null>(null)
  const draft = ref<Scenario | null>(null)
  const percent = ref(100)
  const repeats = ref(5)
  const loading = ref(false)
  const failed = ref<unknown>(null)
  const done = ref(0)
  const all = ref(0)
  const running = ref<AbortController | null>(null)
  const reports = shallowRef<Report[]>([])
  /** The days that the reports are about, which may have been changed since. */
  const tried = shallowRef<Scenario[]>([])

  const changed = computed(() => (draft.value && percent.value !== 100 ? busier(draft.value, percent.value) : draft.value))
  const differs = computed(() => !!base.value && !!changed.value && !sameDay(base.value, changed.value))

  async function load(): Promise<void> {
    loading.value = true
    failed.value = null
    try {
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
      base.value = source.value === 'example' ? await fetchExampleDay() : await fetchOwnDay(pastDays.value, zone)
      reports.value = []
      reset()
    } catch (error) {
      base.value = null
      draft.value = null
      failed.value = error
    } finally {
      loading.value = false
    }
  }

  function reset(): void {
    draft.value = base.value && copyOf(base.value)
    percent.value = 100
  }

  /** Adds people to the largest group, or makes one that serves every queue. */
  function addTwo(name: string): void {
    const day = draft.value
    if (!day) return
    const [largest] = [...day.agents].sort((one, other) => other.count - one.count)
    if (largest) largest.count += 2
    else addGroup(name, 2)
  }

  function addGroup(name: string, count = 1): void {
    const day = draft.value
    if (!day) return
    const capacity = Object.fromEntries(day.arrivals.map((one) => [one.channel, 1]))
    day.agents.push({
      name: freeName(day, name), count, queues: day.queues.map((one) => one.name), skills: {}, capacity, shifts: null,
      decline_percent: 0, miss_percent: 0, back_after_seconds: 60,
    })
  }

  async function run(): Promise<void> {
    if (!base.value || !changed.value || running.value) return
    const days = differs.value ? [base.value, changed.value] : [base.value]
    const asked = days.map((day) => ({ ...day, days: repeats.value }))
    const control = new AbortController()
    running.value = control
    failed.value = null
    done.value = 0
    all.value = 0
    try {
      const found = await rehearse(asked, (now, of) => { done.value = now; all.value = of }, control.signal)
      tried.value = asked
      reports.value = found
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'aborted')) failed.value = error
    } finally {
      running.value = null
    }
  }

  function cancel(): void {
    running.value?.abort()
  }

  return {
    source, pastDays, base, draft, percent, repeats, loading, failed, done, all, running, reports, tried, differs,
    load, reset, addTwo, addGroup, run, cancel,
  }
})
