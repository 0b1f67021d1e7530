/** Words about what happens: in the window, over other windows, by sound; each as this agent chose. */
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { router } from '@/shared/navigation'
import { alertOf, isQuiet, readChoices, type Alert, type Choices } from '@/shared/alerts'
import { chime } from '@/shared/chime'
import { onEntry } from '@/shared/stores/live.store'
import { useNotices } from '@/shared/stores/notices.store'
import { useSession } from '@/shared/stores/session.store'

const KINDS = ['OfferMade', 'Mentioned', 'TicketChanged', 'MessageAdded', 'TicketWoken', 'MessageStateChanged']

export const useAlerts = defineStore('alerts', () => {
  const { t } = useI18n()
  const session = useSession()
  const choices = ref<Choices>(readChoices(null))
  const allowed = ref(typeof Notification === 'undefined' ? 'denied' : Notification.permission)
  const key = (): string => `console.alerts.${session.me?.agent.id ?? ''}`

  watch(() => session.me?.agent.id, () => (choices.value = readChoices(localStorage.getItem(key()))), { immediate: true })
  watch(choices, (now) => session.me && localStorage.setItem(key(), JSON.stringify(now)), { deep: true })

  async function ask(): Promise<void> {
    if (typeof Notification !== 'undefined') allowed.value = await Notification.requestPermission()
  }

  function overWindows(alert: Alert, words: string): void {
    if (allowed.value !== 'granted' || document.hasFocus()) return
    const shown = new Notification(words, { body: alert.detail, tag: `${alert.event} ${alert.ticket ?? ''}` })
    shown.onclick = () => {
      window.focus()
      if (alert.ticket) void router().push({ name: alert.event === 'offer' ? 'work' : 'ticket', params: alert.event === 'offer' ? {} : { ticketId: alert.ticket } })
      shown.close()
    }
  }

  /** What is on the screen of a window that is looked at needs no word. */
  function isSeen(alert: Alert): boolean {
    return document.hasFocus() && alert.ticket !== null && router().currentRoute.value.params['ticketId'] === alert.ticket
  }

  function tell(alert: Alert): void {
    if (isSeen(alert)) return
    const ways = choices.value.ways[alert.event]
    const words = t(`alerts.words.${alert.event}`, { name: alert.name })
    if (ways.app) useNotices().say(words, 'info', alert.ticket ? { name: 'ticket', params: { ticketId: alert.ticket } } : undefined)
    if (isQuiet(choices.value.quiet, new Date())) return
    if (ways.desktop) overWindows(alert, words)
    if (ways.sound) chime()
  }

  onEntry(KINDS, (entry) => {
    const me = session.me?.agent.id
    const alert = me === undefined ? null : alertOf(entry, me)
    if (alert) tell(alert)
  })

  return { choices, allowed, ask }
})
