/** Which page stands at which address; the way in is guarded here. */
import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'
import { routes as admin } from '@/features/admin/routes'
import { routes as auth } from '@/features/auth/routes'
import { routes as clients } from '@/features/clients/routes'
import { routes as floor, wall } from '@/features/floor/routes'
import { routes as gallery } from '@/features/gallery/routes'
import { routes as inbox } from '@/features/inbox/routes'
import { routes as knowledge } from '@/features/knowledge/routes'
import { routes as notifications } from '@/features/notifications/routes'
import { routes as profile } from '@/features/profile/routes'
import { routes as queues } from '@/features/queues/routes'
import { routes as ticket } from '@/features/ticket/routes'
import { routes as whatIf } from '@/features/what-if/routes'
import { routes as work } from '@/features/work/routes'
import { useSession } from '@/shared/stores/session.store'

declare module 'vue-router' {
  interface RouteMeta {
    /** Nobody needs to be signed in. */
    open?: boolean
    /** Message key of the page's title. */
    title?: string
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    ...auth,
    ...wall,
    {
      path: '/',
      component: () => import('@/shell/AppShell.vue'),
      children: [
        { path: '', redirect: '/work' },
        ...work,
        ...inbox(() => import('@/features/ticket/TicketPage.vue')),
        ...ticket,
        ...queues,
        ...clients,
        ...knowledge,
        ...floor,
        ...whatIf,
        ...gallery,
        ...admin,
        ...notifications,
        ...profile,
        { path: ':rest(.*)*', name: 'nowhere', component: () => import('@/shell/NowherePage.vue') },
      ],
    },
  ],
})

/** The scripts of a page travel while the server is asked who is signed in. */
function fetchAhead(to: RouteLocationNormalized): void {
  for (const { components } of to.matched) {
    const load = components?.['default'] as (() => Promise<unknown>) | object | undefined
    if (typeof load === 'function') void load().catch(() => undefined)
  }
}

router.beforeEach(async (to) => {
  const session = useSession()
  if (!session.me) fetchAhead(to)
  await session.find()
  if (session.me) return to.meta.open ? '/work' : true
  if (session.setupNeeded) return to.name === 'setup' ? true : { name: 'setup' }
  if (to.name === 'setup') return { name: 'sign-in' }
  return to.meta.open ? true : { name: 'sign-in', query: { next: to.fullPath } }
})
