import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: 'knowledge', name: 'knowledge', meta: { title: 'shell.knowledge' }, component: () => import('./KnowledgePage.vue') },
  { path: 'knowledge/new', name: 'new-article', component: () => import('./ArticlePage.vue') },
  { path: 'knowledge/:articleId', name: 'article', component: () => import('./ArticlePage.vue') },
]
