/**
 * The console's service worker: keeps the empty shell for a bad line, and shows what is pushed.
 *
 * It never answers for the API, the live socket, files or the chat: what it keeps holds no data of anybody.
 */
const SHELL = 'shell-1'
const PAGE = '/index.html'
const ASSETS_KEPT = 150

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.add(PAGE)).then(() => self.skipWaiting()))
})

self.addEventListener('activate', (event) => {
  const forgetOthers = caches.keys().then((names) => Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name))))
  event.waitUntil(forgetOthers.then(() => self.clients.claim()))
})

/** A page of the console: not of the API, the chat, the help center or a widget. */
function isPage(request, url) {
  return request.mode === 'navigate' && !/^\/(api|chat|live|demo|help|widget)(\/|\.|$)/.test(url.pathname)
}

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin) return
  if (isPage(request, url)) event.respondWith(page(request))
  else if (url.pathname.startsWith('/assets/')) event.respondWith(asset(request))
})

/** The server's page; the kept one, which is the same for everybody, only when there is no answer. */
async function page(request) {
  try {
    const answer = await fetch(request)
    if (answer.ok && (answer.headers.get('Content-Type') ?? '').startsWith('text/html')) {
      const copy = answer.clone()
      caches.open(SHELL).then((cache) => cache.put(PAGE, copy))
    }
    return answer
  } catch (error) {
    const kept = await caches.match(PAGE)
    if (kept) return kept
    throw error
  }
}

/** A file whose name holds its digest never changes: once is enough. */
async function asset(request) {
  const cache = await caches.open(SHELL)
  const kept = await cache.match(request)
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) {
    await cache.put(request, answer.clone())
    const names = (await cache.keys()).filter((one) => !one.url.endsWith(PAGE))
    await Promise.all(names.slice(0, Math.max(0, names.length - ASSETS_KEPT)).map((one) => cache.delete(one)))
  }
  return answer
}

self.addEventListener('push', (event) => {
  const told = event.data ? event.data.json() : {}
  event.waitUntil(show(told))
})

/** A console that is looked at tells by itself. */
async function show(told) {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  if (windows.some((one) => one.focused)) return
  await self.registration.showNotification(told.title ?? '', {
    body: told.body ?? '',
    tag: told.tag ?? '',
    icon: '/assets/icon-192.png',
    data: { url: told.url ?? '/notifications' },
  })
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(go(event.notification.data?.url ?? '/'))
})

/** An open console goes there; without one a new window does. */
async function go(path) {
  const url = new URL(path, self.location.origin)
  if (url.origin !== self.location.origin) return
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  if (windows.length === 0) {
    await self.clients.openWindow(url.href)
    return
  }
  await windows[0].focus()
  windows[0].postMessage({ type: 'go', path: url.pathname })
}
