import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: 'what-if', name: 'what-if', meta: { title: 'whatIf.title' }, component: () => import('./WhatIfPage.vue') },
]
