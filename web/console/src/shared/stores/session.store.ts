/** Who sits at this console, what they may do, and whether they are at their desk. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { whenSignedOut } from '@/api/client'
import type { FirstAgent, Me, MePatch, PresenceState, PresenceView } from '@/api/schema'
import * as asks from '@/api/session'
import { isLocale } from '@/shared/i18n'
import { onEntry, onResync, useLive } from '@/shared/stores/live.store'
import { usePreferences } from '@/shared/stores/preferences.store'

export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null)
  const asked = ref(false)
  const setupNeeded = ref(false)
  const live = useLive()

  function enter(answer: Me): void {
    me.value = answer
    if (isLocale(answer.agent.locale)) usePreferences().locale = answer.agent.locale
    live.open(answer.seq, forget)
  }

  function forget(): void {
    me.value = null
    live.close()
  }

  /** Finds out, once, whether somebody is signed in here or the house is still empty. */
  async function find(): Promise<void> {
    if (asked.value) return
    try {
      enter(await asks.fetchMe())
    } catch {
      setupNeeded.value = (await asks.fetchSetup().catch(() => null))?.needed ?? false
    }
    asked.value = true
  }

  async function signIn(email: string, password: string): Promise<void> {
    enter(await asks.signIn({ email, password }))
  }

  async function setUp(body: FirstAgent): Promise<void> {
    enter(await asks.setUp(body))
    setupNeeded.value = false
  }

  async function signOut(): Promise<void> {
    await asks.signOut()
    forget()
  }

  async function change(body: MePatch): Promise<void> {
    me.value = await asks.changeMe(body)
  }

  async function setPresence(state: PresenceState, reason = ''): Promise<void> {
    hearPresence(await asks.changePresence({ state, reason }))
  }

  function hearPresence(presence: PresenceView): void {
    if (me.value?.agent.id === presence.agent_id) me.value.presence = presence
  }

  async function refresh(): Promise<void> {
    if (me.value) me.value = await asks.fetchMe().catch(() => me.value)
  }

  whenSignedOut(forget)
  onResync(() => void refresh())
  onEntry(['StaffChanged', 'CompanyChanged'], () => void refresh())
  onEntry(['PresenceChanged'], (entry) => hearPresence(entry.data as unknown as PresenceView))

  const permissions = computed(() => new Set(me.value?.permissions ?? []))
  const can = (permission: string): boolean => permissions.value.has(permission)
  const canAny = (...wanted: string[]): boolean => wanted.some(can)

  return { me, setupNeeded, find, signIn, setUp, signOut, change, setPresence, can, canAny }
})
