/** The second ticket of the page, which the address names: opening it beside the first, closing either. */
import { computed, type ComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { Id } from '@/api/schema'

const ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

export interface Beside {
  /** The ticket that the address opens. */
  main: ComputedRef<Id>
  /** The one beside it; empty when there is none. */
  beside: ComputedRef<Id | ''>
  /** Opens a ticket beside the one that is open, in the place of another; where none is open it stands alone. */
  openBeside: (id: Id) => Promise<unknown>
  /** Closes one of the two; the other stays. */
  close: (id: Id) => Promise<unknown>
}

export function useBeside(): Beside {
  const route = useRoute()
  const router = useRouter()
  const main = computed(() => String(route.params['ticketId'] ?? ''))
  const beside = computed(() => {
    const id = String(route.query['beside'] ?? '')
    return main.value && id !== main.value && ID.test(id) ? id : ''
  })

  function openBeside(id: Id): Promise<unknown> {
    if (!main.value || main.value === id) return router.push({ name: 'ticket', params: { ticketId: id } })
    return router.push({ query: { ...route.query, beside: id } })
  }

  function close(id: Id): Promise<unknown> {
    const { beside: right, ...query } = route.query
    const stays = id === right ? main.value : String(right)
    return router.push({ params: { ...route.params, ticketId: stays }, query })
  }

  return { main, beside, openBeside, close }
}
