/** Who will read the answer: planned by the server, changed by the agent, exactly as shown. */
import { computed, ref } from 'vue'
import type { Id, PartyBody, PlanParty, ReplyPlan } from '@/api/schema'
import { perTicket } from './per-ticket'

export const useRecipients = perTicket(() => {
  const plan = ref<ReplyPlan | null>(null)
  const all = ref(false)
  const to = ref<PlanParty[]>([])
  const cc = ref<PlanParty[]>([])
  const routeId = ref<Id | null>(null)
  const edited = ref(false)

  const route = computed(() => plan.value?.routes.find((one) => one.account_id === routeId.value) ?? plan.value?.route ?? null)
  const channel = computed(() => route.value?.channel ?? 'mail')
  const isMail = computed(() => channel.value === 'mail')
  const planned = computed(() => route.value?.account_id === plan.value?.route?.account_id)
  const canReplyAll = computed(() => {
    const now = plan.value
    return now !== null && planned.value && now.all_to.length + now.all_cc.length > now.to.length + now.cc.length
  })
  const chosenRoute = computed(() => (planned.value ? null : (route.value?.account_id ?? null)))
  const strangers = computed(() => (isMail.value ? [...to.value, ...cc.value].filter((one) => one.new) : []))

  function fill(): void {
    const now = plan.value
    edited.value = false
    if (now === null) {
      to.value = cc.value = []
    } else if (planned.value) {
      to.value = [...(all.value ? now.all_to : now.to)]
      cc.value = [...(all.value ? now.all_cc : now.cc)]
    } else {
      to.value = route.value ? [{ ...route.value.recipient, new: false }] : []
      cc.value = []
    }
  }

  /** A new plan replaces the old one, but not what the agent has changed by hand. */
  function follow(next: ReplyPlan | null): void {
    plan.value = next
    if (!edited.value) fill()
  }

  function reset(): void {
    all.value = false
    routeId.value = null
    fill()
  }

  function replyAll(yes: boolean): void {
    all.value = yes
    fill()
  }

  function choose(account: Id): void {
    routeId.value = account
    all.value = false
    fill()
  }

  const known = (handle: string): PlanParty | undefined => {
    const now = plan.value
    if (now === null) return undefined
    return [...now.to, ...now.cc, ...now.all_to, ...now.all_cc].find((one) => one.handle === handle)
  }

  function add(line: 'to' | 'cc', address: string): void {
    const handle = address.trim().toLowerCase()
    if (!/^[^@\s]+@[^@\s]+$/.test(handle)) return
    const list = line === 'to' ? to : cc
    if (list.value.some((one) => one.handle === handle)) return
    list.value = [...list.value, known(handle) ?? { handle, name: '', new: true }]
    edited.value = true
  }

  function remove(line: 'to' | 'cc', handle: string): void {
    const list = line === 'to' ? to : cc
    list.value = list.value.filter((one) => one.handle !== handle)
    edited.value = true
  }

  const bodies = (list: PlanParty[]): PartyBody[] => list.map(({ handle, name }) => ({ handle, name }))
  const toBody = (): PartyBody[] | null => (isMail.value ? bodies(to.value) : null)
  const ccBody = (): PartyBody[] => (isMail.value ? bodies(cc.value) : [])

  return {
    plan, all, to, cc, route, channel, isMail, canReplyAll, chosenRoute, strangers,
    follow, reset, replyAll, choose, add, remove, toBody, ccBody,
  }
})
