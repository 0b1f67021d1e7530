/** The first page of administration this person may see. */
import { useSession } from '@/shared/stores/session.store'

const HOMES: [permission: string, path: string][] = [
  ['account.manage', '/admin/mailboxes'],
  ['queue.manage', '/admin/queues'],
  ['canned.manage', '/admin/canned-replies'],
  ['deadletter.manage', '/admin/dead-letters'],
  ['staff.manage', '/admin/staff'],
]

export function adminHome(): string {
  const session = useSession()
  return HOMES.find(([permission]) => session.can(permission))?.[1] ?? '/work'
}
