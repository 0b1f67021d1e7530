/** What is on the screen of a window that somebody looks at is read. */
import { onBeforeUnmount, onMounted, watch } from 'vue'
import type { Id } from '@/api/schema'
import { useReading } from '@/shared/stores/reading.store'
import { useSession } from '@/shared/stores/session.store'
import { useTicket } from './ticket.store'

/** Long enough to pass by with J and K without reading. */
const GLANCE_MS = 600

export function useReadMarks(about: Id): void {
  const ticket = useTicket(about)
  const reading = useReading()
  const session = useSession()
  let timer: ReturnType<typeof setTimeout> | undefined

  function look(): void {
    clearTimeout(timer)
    if (document.hidden) return
    timer = setTimeout(() => {
      const last = ticket.messages.findLast((one) => one.author_agent_id !== session.me?.agent.id)
      if (last && !document.hidden) void reading.saw(ticket.id, last.id)
    }, GLANCE_MS)
  }

  watch(() => ticket.newest?.id, look, { immediate: true })
  onMounted(() => document.addEventListener('visibilitychange', look))
  onBeforeUnmount(() => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', look)
  })
}
