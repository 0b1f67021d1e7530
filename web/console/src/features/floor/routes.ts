import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: 'floor', name: 'floor', meta: { title: 'shell.floor' }, component: () => import('./FloorPage.vue') },
]
