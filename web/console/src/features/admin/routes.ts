import type { RouteRecordRaw } from 'vue-router'
import { adminHome } from './home'

export const routes: RouteRecordRaw[] = [
  { path: 'welcome', name: 'welcome', meta: { title: 'welcome.title' }, component: () => import('./welcome/WelcomePage.vue') },
  {
    path: 'admin',
    component: () => import('./AdminPage.vue'),
    meta: { title: 'shell.admin' },
    children: [
      // Where one may go is known once the session is: a redirect would be asked before that.
      { path: '', component: () => import('./AdminPage.vue'), beforeEnter: () => adminHome() },
      { path: 'channels', name: 'channels', component: () => import('./channels/ChannelHealthPage.vue') },
      { path: 'mailboxes', name: 'mailboxes', component: () => import('./mailboxes/MailboxesPage.vue') },
      { path: 'widgets', name: 'widgets', component: () => import('./widgets/WidgetsPage.vue') },
      { path: 'messengers', name: 'messengers', component: () => import('./messengers/MessengersPage.vue') },
      { path: 'telephone/:accountId/flow', name: 'call-flow', component: () => import('./telephone/FlowPage.vue') },
      { path: 'telegram', redirect: { name: 'messengers' } },
      { path: 'queues', name: 'admin-queues', component: () => import('./queues/QueuesAdminPage.vue') },
      {
        path: 'routing',
        name: 'routing',
        component: () => import('./routing/RoutingPage.vue'),
        redirect: { name: 'routing-skills' },
        children: [
          { path: 'skills', name: 'routing-skills', component: () => import('./routing/SkillsTab.vue') },
          { path: 'agents', name: 'routing-agents', component: () => import('./routing/AgentsMatrix.vue') },
          { path: 'profiles', name: 'routing-profiles', component: () => import('./routing/ProfilesTab.vue') },
          { path: 'calendars', name: 'routing-calendars', component: () => import('./routing/CalendarsTab.vue') },
          { path: 'rules', name: 'routing-rules', component: () => import('./routing/RulesTab.vue') },
          { path: 'rules/:queueId', name: 'routing-rules-of', component: () => import('./routing/RulesPage.vue') },
          { path: 'dispositions', name: 'routing-dispositions', component: () => import('./routing/DispositionsTab.vue') },
        ],
      },
      { path: 'staff/:tab(agents|teams|roles)?', name: 'staff', component: () => import('./staff/StaffPage.vue') },
      { path: 'canned-replies', name: 'canned-replies', component: () => import('./canned/CannedRepliesPage.vue') },
      { path: 'history', name: 'history', component: () => import('./history/HistoryPage.vue') },
      { path: 'center', name: 'center', component: () => import('./center/CenterPage.vue') },
      { path: 'dead-letters', name: 'dead-letters', component: () => import('./dead-letters/DeadLettersPage.vue') },
    ],
  },
]
