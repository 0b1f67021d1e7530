/** Connected accounts and their health, kept fresh by what the server notices. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { MESSENGERS } from './messengers/connections'
import { addAccount, changeAccount, fetchAccounts, removeAccount } from '@/api/channels'
import type { AccountPatch, AccountView, Id, NewAccount } from '@/api/schema'
import { onEntry, onResync } from '@/shared/stores/live.store'

export const useAccounts = defineStore('accounts', () => {
  const accounts = ref<AccountView[]>([])
  const ready = ref(false)

  async function load(): Promise<void> {
    accounts.value = await fetchAccounts()
    ready.value = true
  }

  function put(account: AccountView): void {
    const others = accounts.value.filter((one) => one.id !== account.id)
    accounts.value = [...others, account].sort((one, other) => (one.id < other.id ? -1 : 1))
  }

  async function add(body: NewAccount): Promise<AccountView> {
    const account = await addAccount(body)
    put(account)
    return account
  }

  async function change(id: Id, body: AccountPatch): Promise<AccountView> {
    const account = await changeAccount(id, body)
    put(account)
    return account
  }

  /** Whether it was archived, with its history kept, rather than removed without a trace. */
  async function remove(id: Id): Promise<boolean> {
    const { archived } = await removeAccount(id)
    accounts.value = accounts.value.filter((one) => one.id !== id)
    return archived
  }

  const reload = (): void => {
    if (ready.value) void load().catch(() => undefined)
  }
  onEntry(['AccountChanged'], reload)
  onResync(reload)

  const mailboxes = computed(() => accounts.value.filter((one) => one.kind === 'mail'))
  const widgets = computed(() => accounts.value.filter((one) => one.kind === 'webchat'))
  const messengers = computed(() => accounts.value.filter((one) => MESSENGERS.includes(one.kind)))
  return { accounts, mailboxes, widgets, messengers, ready, load, add, change, remove }
})
