/** Whether an account cannot do its work as it is. */
import type { AccountView } from '@/api/schema'

const SICK = new Set(['bad_credentials', 'misconfigured', 'waiting'])

export const isSick = (account: AccountView): boolean => SICK.has(account.health.replaceAll(' ', '_'))
