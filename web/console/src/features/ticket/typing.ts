/** Tells the others that I am writing here: at most every three seconds, and when I stop. */
import { useLive } from '@/shared/stores/live.store'
import { useTicket } from './ticket.store'

const REPEAT_MS = 3_000
const STOP_MS = 4_000

export function useTypingSignal(): { pulse: () => void; stop: () => void } {
  const live = useLive()
  const ticket = useTicket()
  let told = 0
  let about: string | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  function stop(): void {
    clearTimeout(timer)
    if (about !== null) live.say({ type: 'typing', ticket_id: about, typing: false })
    about = null
    told = 0
  }

  function pulse(): void {
    if (ticket.id === null) return
    clearTimeout(timer)
    timer = setTimeout(stop, STOP_MS)
    if (about === ticket.id && Date.now() - told < REPEAT_MS) return
    about = ticket.id
    told = Date.now()
    live.say({ type: 'typing', ticket_id: about, typing: true })
  }

  return { pulse, stop }
}
