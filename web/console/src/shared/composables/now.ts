/** One clock for every counter on screen: the server's time, once a second. */
import { computed, onScopeDispose, readonly, ref, type ComputedRef, type Ref } from 'vue'
import { serverNow } from '@/api/client'

const now = ref(serverNow())
let watchers = 0
let timer: ReturnType<typeof setInterval> | undefined

export function useNow(): Readonly<Ref<number>> {
  if (watchers++ === 0) {
    now.value = serverNow()
    timer = setInterval(() => (now.value = serverNow()), 1_000)
  }
  onScopeDispose(() => {
    if (--watchers === 0) clearInterval(timer)
  })
  return readonly(now)
}

/** The same clock for what shows no seconds: whoever uses it is drawn once a minute. */
export function useMinute(): ComputedRef<number> {
  const exact = useNow()
  return computed(() => Math.floor(exact.value / 60_000) * 60_000)
}
