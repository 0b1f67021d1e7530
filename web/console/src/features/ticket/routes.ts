import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: 'tickets/new', name: 'new-ticket', meta: { title: 'ticket.new' }, component: () => import('./NewTicketPage.vue') },
  { path: 'floor/listen/:contactId', name: 'listen', meta: { title: 'listen.title' }, component: () => import('./ListenPage.vue') },
  { path: 'tickets/:ticketId', name: 'ticket', component: () => import('./TicketPage.vue') },
]
