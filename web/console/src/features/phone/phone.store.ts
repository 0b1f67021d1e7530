/** The calls that I am in, or am being called into; kept fresh by the live link. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { fetchMyCalls, type CallLegView, type CallView } from '@/api/calls'
import type { Entry } from '@/api/live'
import type { Id } from '@/api/schema'
import { calmly } from '@/shared/calmly'
import { onEntry, onResync } from '@/shared/stores/live.store'
import { useSession } from '@/shared/stores/session.store'

const SOON_MS = 100

export const usePhone = defineStore('phone', () => {
  const session = useSession()
  const calls = ref<CallView[]>([])
  const ready = ref(false)
  /** For which call somebody is being chosen; kept here, as the cards move when a telephone is turned. */
  const asked = ref<{ call: Id; wish: 'transfer' | 'add' } | null>(null)

  async function load(): Promise<void> {
    calls.value = (await fetchMyCalls()).filter((call) => call.state !== 'ended')
    ready.value = true
  }

  const soon = calmly(() => void load().catch(() => undefined), SOON_MS)

  function isMine(data: Record<string, unknown>): boolean {
    return (data['legs'] as CallLegView[]).some(isMyLeg)
  }

  const isMyLeg = (leg: CallLegView): boolean => leg.agent_id === session.me?.agent.id && leg.state !== 'ended'

  /** What the entry tells is shown at once; everything else about the call is asked for. */
  function hear(entry: Entry): void {
    const id = entry.data['call_id'] as Id
    const known = calls.value.find((call) => call.id === id)
    if (!known) {
      if (isMine(entry.data)) soon()
      return
    }
    take({ ...known, ...(entry.data as Partial<CallView>), id })
    soon()
  }

  /** What an act answered with. */
  function take(call: CallView): void {
    const others = calls.value.filter((one) => one.id !== call.id)
    const still = call.state !== 'ended' && call.legs.some(isMyLeg)
    calls.value = still ? [...others, call] : others
  }

  onEntry(['CallChanged'], hear)
  onResync(soon)

  const busy = computed(() => calls.value.length > 0)
  return { calls, ready, asked, busy, load, take }
})
