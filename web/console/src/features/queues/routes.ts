import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: 'queues', name: 'queues', meta: { title: 'shell.queues' }, component: () => import('./QueuesPage.vue') },
]
