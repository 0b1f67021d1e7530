/** Permission words of the server that the console asks for before it shows something. */
export const FLOOR_PERMISSION = 'queue.supervise'
/** Seeing who waits in every queue. */
export const QUEUES_PERMISSION = 'ticket.reply'
export const ADMIN_PERMISSIONS = ['account.manage', 'staff.manage', 'queue.manage', 'canned.manage', 'deadletter.manage'] as const
export const SHARE_VIEWS_PERMISSION = 'view.share'
