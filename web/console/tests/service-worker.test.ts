import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'

const CODE = readFileSync(join(__dirname, '../public/sw.js'), 'utf8')
const ORIGIN = 'https://desk.example'

type Heard = Record<string, (event: unknown) => void>

/** Runs the worker with a network and a cache of the test. */
function worker(network: (url: string) => Promise<Response>, focused = false) {
  const heard: Heard = {}
  const kept = new Map<string, Response>()
  const key = (what: string | { url: string }): string => new URL(typeof what === 'string' ? what : what.url, ORIGIN).href
  const cache = {
    add: async (path: string) => void kept.set(key(path), new Response('shell')),
    put: async (what: { url: string }, answer: Response) => void kept.set(key(what), answer),
    match: async (what: string | { url: string }) => kept.get(key(what))?.clone(),
    keys: async () => [...kept.keys()].map((url) => ({ url })),
    delete: async (what: { url: string }) => kept.delete(what.url),
  }
  const shown: [string, Record<string, unknown>][] = []
  const self = {
    addEventListener: (kind: string, hear: (event: unknown) => void) => (heard[kind] = hear),
    location: { origin: ORIGIN },
    skipWaiting: async () => undefined,
    clients: { matchAll: async () => (focused ? [{ focused }] : []), claim: async () => undefined },
    registration: { showNotification: async (title: string, options: Record<string, unknown>) => void shown.push([title, options]) },
  }
  const caches = { open: async () => cache, keys: async () => [], match: cache.match }
  new Function('self', 'caches', 'fetch', CODE)(self, caches, (request: { url: string }) => network(request.url))
  const ask = (path: string, more: Record<string, string> = {}): Promise<Response> | null => {
    const request = { url: path.startsWith('http') ? path : ORIGIN + path, method: 'GET', mode: 'cors', ...more }
    let answer: Promise<Response> | null = null
    heard['fetch']?.({ request, respondWith: (given: Promise<Response>) => (answer = given) })
    return answer
  }
  const wait = async (kind: string, event: Record<string, unknown>): Promise<void> => {
    let done: Promise<unknown> = Promise.resolve()
    heard[kind]?.({ ...event, waitUntil: (work: Promise<unknown>) => (done = work) })
    await done
  }
  return { ask, wait, kept, shown }
}

const page = { mode: 'navigate' }
const html = async (): Promise<Response> => new Response('fresh', { headers: { 'Content-Type': 'text/html' } })
const away = (): Promise<Response> => Promise.reject(new TypeError('no line'))

describe('the service worker', () => {
  it.each([
    ['/api/v1/tickets', {}],
    ['/api/v1/messages/1/html', page],
    ['/live', {}],
    ['/chat/w/hello', {}],
    ['/help/en', page],
    ['/widget.js', {}],
    ['/sw.js', {}],
    ['https://elsewhere.example/assets/x.js', {}],
    ['/assets/x.js', { method: 'POST' }],
  ])('leaves %s %j alone', (path, more) => {
    expect(worker(html).ask(path, more)).toBeNull()
  })

  it('prefers the page of the server and falls back to the shell that is kept', async () => {
    const { ask, wait } = worker(away)
    await wait('install', {})

    expect(await (await ask('/inbox/mine', page))?.text()).toBe('shell')
    expect(await (await worker(html).ask('/inbox/mine', page))?.text()).toBe('fresh')
  })

  it('asks for a file with a digest in its name once', async () => {
    const network = vi.fn(html)
    const { ask } = worker(network)

    await ask('/assets/app-1.js')
    await ask('/assets/app-1.js')

    expect(network).toHaveBeenCalledTimes(1)
  })

  it('keeps nothing that went wrong', async () => {
    const { ask, kept } = worker(async () => new Response('', { status: 500 }))

    await ask('/assets/app-1.js')

    expect(kept.size).toBe(0)
  })

  it('shows what is pushed, unless somebody looks at the console', async () => {
    const data = { json: () => ({ title: 'Ann wrote', body: '#1', tag: 'reply 1', url: '/tickets/1' }) }
    const [asleep, awake] = [worker(html), worker(html, true)]

    await asleep.wait('push', { data })
    await awake.wait('push', { data })

    expect(asleep.shown).toEqual([['Ann wrote', { body: '#1', tag: 'reply 1', icon: '/assets/icon-192.png', data: { url: '/tickets/1' } }]])
    expect(awake.shown).toEqual([])
  })
})
