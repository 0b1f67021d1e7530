import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/sign-in', name: 'sign-in', meta: { open: true }, component: () => import('./SignInPage.vue') },
  { path: '/setup', name: 'setup', meta: { open: true }, component: () => import('./SetupPage.vue') },
]
