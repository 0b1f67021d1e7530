/** Tells the others that I am writing here: at most every three seconds, and when I stop. */
import { useLive } from '@/shared/stores/live.store'
import { useTicket } from './ticket.store'

const REPEAT_MS = 3_000
const STOP_MS = 4_000

export function useTypingSignal(): { pulse: () => void; stop: () => void } {
  const live = useLive()
  const ticket = useTicket()
  let told = 0
  let telling = false
  let timer: ReturnType<typeof setTimeout> | undefined

  function stop(): void {
    clearTimeout(timer)
    if (telling) live.say({ type: 'typing', ticket_id: ticket.id, typing: false })
    telling = false
  }

  function pulse(): void {
    clearTimeout(timer)
    timer = setTimeout(stop, STOP_MS)
    if (telling && Date.now() - told < REPEAT_MS) return
    telling = true
    told = Date.now()
    live.say({ type: 'typing', ticket_id: ticket.id, typing: true })
  }

  return { pulse, stop }
}
