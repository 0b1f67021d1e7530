import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: 'floor', name: 'floor', meta: { title: 'shell.floor' }, component: () => import('./FloorPage.vue') },
  { path: 'floor/contacts', name: 'floor-visits', meta: { title: 'shell.floor' }, component: () => import('./VisitsPage.vue') },
  { path: 'floor/reports', name: 'floor-reports', meta: { title: 'board.reports' }, component: () => import('./ReportsPage.vue') },
  { path: 'floor/limits', name: 'floor-limits', meta: { title: 'board.limits' }, component: () => import('./LimitsPage.vue') },
]

/** Outside the frame of the other pages: the whole screen is the floor. */
export const wall: RouteRecordRaw[] = [{ path: '/floor/wall', name: 'wall', meta: { title: 'board.wall' }, component: () => import('./WallPage.vue') }]
