import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: 'work', name: 'work', meta: { title: 'shell.work' }, component: () => import('./WorkPage.vue') },
]
