import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: 'tickets/:ticketId', name: 'ticket', component: () => import('./TicketPage.vue') },
]
