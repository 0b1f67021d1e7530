/** Answering an offer: accept opens its ticket, a refusal of the server is shown. */
import { useRouter } from 'vue-router'
import type { Id } from '@/api/schema'
import { useNotices } from '@/shared/stores/notices.store'
import { useWork } from './work.store'

export function useAnswers(): { accept: (offer: Id) => Promise<void>; decline: (offer: Id) => Promise<void> } {
  const work = useWork()
  const notices = useNotices()
  const router = useRouter()

  async function accept(offer: Id): Promise<void> {
    await notices.attempt(async () => {
      const contact = await work.accept(offer)
      await router.push({ name: 'ticket', params: { ticketId: contact.ticket_id } })
    })
  }

  async function decline(offer: Id): Promise<void> {
    await notices.attempt(() => work.decline(offer))
  }

  return { accept, decline }
}
