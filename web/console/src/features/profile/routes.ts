import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: 'profile', name: 'profile', meta: { title: 'shell.profile' }, component: () => import('./ProfilePage.vue') },
]
