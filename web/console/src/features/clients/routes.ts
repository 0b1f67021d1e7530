import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: 'clients', name: 'clients', meta: { title: 'shell.clients' }, component: () => import('./ClientsPage.vue') },
  { path: 'clients/:clientId', name: 'client', component: () => import('./ClientPage.vue') },
]
