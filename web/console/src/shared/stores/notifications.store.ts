/** How many notifications are new, and that list when somebody looks at it. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { fetchNotifications, readNotifications, type NotificationView } from '@/api/notifications'
import type { Id } from '@/api/schema'
import { calmly } from '@/shared/calmly'
import { onEntry, onResync } from '@/shared/stores/live.store'

export const useNotifications = defineStore('notifications', () => {
  const items = ref<NotificationView[] | null>(null)
  const next = ref<string | null>(null)
  const unread = ref(0)
  const onlyNew = ref(false)

  async function load(): Promise<void> {
    const page = await fetchNotifications(onlyNew.value)
    items.value = page.items
    next.value = page.next
    unread.value = page.unread
  }

  async function more(): Promise<void> {
    const page = await fetchNotifications(onlyNew.value, next.value)
    items.value = [...(items.value ?? []), ...page.items]
    next.value = page.next
  }

  async function read(ids: Id[]): Promise<void> {
    for (const one of items.value ?? []) if (ids.includes(one.id)) one.read = true
    unread.value = (await readNotifications({ ids })).unread
  }

  /** Everything that is on the screen; what comes meanwhile stays new. */
  async function readAll(): Promise<void> {
    const newest = items.value?.[0]
    if (!newest) return
    unread.value = (await readNotifications({ until: newest.at })).unread
    await load()
  }

  const soon = calmly(() => void load().catch(() => undefined), 800)
  onResync(soon)
  onEntry(['Notified', 'NotificationsRead'], soon)
  return { items, next, unread, onlyNew, load, more, read, readAll }
})
