/** Words about what happens: in the window, over other windows, by sound; each as this agent chose. */
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { fetchChoices, putChoices, type Choices } from '@/api/notifications'
import { alertOf, movedChoices, placeOf, type Alert } from '@/shared/alerts'
import { chime } from '@/shared/chime'
import { named } from '@/shared/naming'
import { router } from '@/shared/navigation'
import { onEntry, onResync, useLive } from '@/shared/stores/live.store'
import { useNotices } from '@/shared/stores/notices.store'
import { useSession } from '@/shared/stores/session.store'

export const useAlerts = defineStore('alerts', () => {
  const { t } = useI18n()
  const session = useSession()
  /** Null until the server has answered. */
  const choices = ref<Choices | null>(null)
  const allowed = ref(typeof Notification === 'undefined' ? 'denied' : Notification.permission)
  const key = (): string => `console.alerts.${session.me?.agent.id ?? ''}`
  let saved = ''

  async function load(): Promise<void> {
    const answer = await fetchChoices().catch(() => null)
    if (!answer) return
    saved = JSON.stringify(answer.choices)
    choices.value = answer.chosen ? answer.choices : movedChoices(answer.choices, localStorage.getItem(key()), zone())
  }

  /** Saves what was chosen; what the browser kept before is then the server's. */
  async function save(): Promise<void> {
    const now = JSON.stringify(choices.value)
    if (choices.value === null || now === saved) return
    const before = saved
    saved = now
    const done = await useNotices().attempt(() => putChoices(choices.value as Choices))
    if (done) localStorage.removeItem(key())
    else saved = before
  }

  watch(() => session.me?.agent.id, () => ((choices.value = null), session.me && void load()), { immediate: true })
  watch(choices, () => void save(), { deep: true })
  onResync(() => void load())

  async function ask(): Promise<void> {
    if (typeof Notification !== 'undefined') allowed.value = await Notification.requestPermission()
  }

  function overWindows(alert: Alert, words: string): void {
    if (allowed.value !== 'granted' || document.hasFocus()) return
    const shown = new Notification(words, { body: alert.detail, tag: alert.ticket ?? alert.event })
    shown.onclick = () => {
      window.focus()
      void router().push(placeOf(alert.event, alert.ticket))
      shown.close()
    }
  }

  /** What is on the screen of a window that is looked at needs no word. */
  function isSeen(alert: Alert): boolean {
    return document.hasFocus() && alert.ticket !== null && useLive().shown.has(alert.ticket)
  }

  function tell(alert: Alert): void {
    if (isSeen(alert)) return
    const words = t(`alerts.words.${alert.event}`, { name: named(alert.name) })
    if (alert.ways.includes('app')) useNotices().say(words, 'info', placeOf(alert.event, alert.ticket), alert.ticket ?? undefined)
    if (alert.ways.includes('desktop')) overWindows(alert, words)
    if (alert.ways.includes('sound')) chime()
  }

  onEntry(['Notified'], (entry) => tell(alertOf(entry)))
  return { choices, allowed, ask }
})

const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
