import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: 'admin/gallery', name: 'gallery', meta: { title: 'gallery.title' }, component: () => import('./GalleryPage.vue') },
]
