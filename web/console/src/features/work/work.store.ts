/** What is on my desk: offers that ring and contacts I work on. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { serverNow } from '@/api/client'
import type { ContactView, Id, OfferView } from '@/api/schema'
import { acceptOffer, declineOffer, fetchWork } from '@/api/work'
import { expecting } from '@/shared/telephone/expected-leg'
import { onEntry, onResync } from '@/shared/stores/live.store'

const MATTERS = [
  'OfferMade', 'OfferEnded', 'ContactQueued', 'ContactAnswered', 'ContactEnded', 'ContactRequeued', 'ContactReopened', 'WrapUpBegun', 'PresenceChanged', 'TicketChanged',
]

export const useWork = defineStore('work', () => {
  const offers = ref<OfferView[]>([])
  const contacts = ref<ContactView[]>([])
  const ready = ref(false)
  const failed = ref<unknown>(null)
  let asking = false
  let again = false

  /** Asks for the desk; calls that arrive meanwhile are answered by one more round. */
  async function load(): Promise<void> {
    if (asking) {
      again = true
      return
    }
    asking = true
    try {
      const work = await fetchWork()
      offers.value = work.offers
      contacts.value = work.contacts
      ready.value = true
      failed.value = null
    } catch (error) {
      failed.value = error
    } finally {
      asking = false
    }
    if (again) {
      again = false
      await load()
    }
  }

  function dropOffer(id: Id): void {
    offers.value = offers.value.filter((offer) => offer.id !== id)
  }

  /** Answers with the contact that is now mine. */
  async function accept(id: Id): Promise<ContactView> {
    const channel = offers.value.find((offer) => offer.id === id)?.contact.channel
    try {
      return await expecting(() => acceptOffer(id), channel)
    } finally {
      dropOffer(id)
      void load()
    }
  }

  async function decline(id: Id): Promise<void> {
    try {
      await declineOffer(id)
    } finally {
      dropOffer(id)
      void load()
    }
  }

  /** Offers whose time is over stop ringing, whatever the network says. */
  function dropExpired(): void {
    const now = serverNow()
    if (offers.value.some((offer) => Date.parse(offer.expires_at) <= now)) {
      offers.value = offers.value.filter((offer) => Date.parse(offer.expires_at) > now)
      void load()
    }
  }

  onResync(() => void load())
  onEntry(MATTERS, () => void load())

  const active = computed(() => contacts.value.filter((contact) => contact.state !== 'wrap_up'))
  const wrapping = computed(() => contacts.value.filter((contact) => contact.state === 'wrap_up'))
  const count = computed(() => offers.value.length + contacts.value.length)
  return { offers, contacts, active, wrapping, ready, failed, count, load, accept, decline, dropExpired }
})
