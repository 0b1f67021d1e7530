import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: 'notifications', name: 'notifications', meta: { title: 'alerts.list' }, component: () => import('./NotificationsPage.vue') },
]
