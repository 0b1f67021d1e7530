import type { RouteRecordRaw } from 'vue-router'
import { adminHome } from './home'

export const routes: RouteRecordRaw[] = [
  { path: 'welcome', name: 'welcome', meta: { title: 'welcome.title' }, component: () => import('./welcome/WelcomePage.vue') },
  {
    path: 'admin',
    component: () => import('./AdminPage.vue'),
    meta: { title: 'shell.admin' },
    children: [
      { path: '', redirect: adminHome },
      { path: 'mailboxes', name: 'mailboxes', component: () => import('./mailboxes/MailboxesPage.vue') },
      { path: 'widgets', name: 'widgets', component: () => import('./widgets/WidgetsPage.vue') },
      { path: 'queues', name: 'admin-queues', component: () => import('./queues/QueuesAdminPage.vue') },
      { path: 'staff', name: 'staff', component: () => import('./staff/StaffPage.vue') },
      { path: 'canned-replies', name: 'canned-replies', component: () => import('./canned/CannedRepliesPage.vue') },
      { path: 'center', name: 'center', component: () => import('./center/CenterPage.vue') },
      { path: 'dead-letters', name: 'dead-letters', component: () => import('./dead-letters/DeadLettersPage.vue') },
    ],
  },
]
