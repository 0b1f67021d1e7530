import type { RouteComponent, RouteRecordRaw } from 'vue-router'

/** The list of a view; the open ticket stands beside it and comes from another feature. */
export const routes = (ticketPage: () => Promise<RouteComponent>): RouteRecordRaw[] => [
  { path: 'inbox', redirect: '/inbox/mine' },
  {
    path: 'inbox/:view',
    name: 'inbox',
    meta: { title: 'shell.tickets' },
    component: () => import('./InboxPage.vue'),
    children: [{ path: ':ticketId', name: 'inbox-ticket', component: ticketPage as never }],
  },
  { path: 'search', name: 'search', meta: { title: 'shell.search' }, component: () => import('./SearchPage.vue') },
]
