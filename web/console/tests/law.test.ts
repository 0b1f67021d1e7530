import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const SRC = join(__dirname, '../src')

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? files(path) : [path]
  })
}

const sources = files(SRC)
  .filter((path) => /\.(vue|ts)$/.test(path))
  .map((path) => ({ path: relative(SRC, path), text: readFileSync(path, 'utf8') }))
const importsOf = (text: string): string[] => [...text.matchAll(/from '(@\/[^']+)'|import\('(@\/[^']+)'\)/g)].map((match) => match[1] ?? match[2] ?? '')

describe('the floors of the console', () => {
  it('let a feature import api and shared only', () => {
    const wrong = sources
      .filter(({ path }) => path.startsWith('features/'))
      .flatMap(({ path, text }) => importsOf(text).filter((one) => !/^@\/(api|shared)\//.test(one)).map((one) => `${path} -> ${one}`))
    expect(wrong).toEqual([])
  })

  it('keep relative imports inside their feature', () => {
    const wrong = sources.flatMap(({ path, text }) => {
      const [top, feature] = path.split('/')
      if (top !== 'features') return []
      const depth = path.split('/').length - 3
      const escapes = [...text.matchAll(/from '((?:\.\.\/)+)/g)].filter((match) => (match[1] ?? '').length / 3 > depth)
      return escapes.map(() => `${path} leaves ${feature ?? ''}`)
    })
    expect(wrong).toEqual([])
  })

  it('let shared know api only, and api nothing but itself', () => {
    const wrong = sources.flatMap(({ path, text }) => {
      const allowed = path.startsWith('shared/') ? /^@\/(api|shared|locales)\// : path.startsWith('api/') ? /^@\/api\// : null
      return allowed ? importsOf(text).filter((one) => !allowed.test(one)).map((one) => `${path} -> ${one}`) : []
    })
    expect(wrong).toEqual([])
  })
})

describe('the habits of the console', () => {
  it('speak HTTP in one place', () => {
    const callers = sources.filter(({ text }) => /\bfetch\(|new XMLHttpRequest|new WebSocket/.test(text)).map(({ path }) => path)
    expect(callers.sort()).toEqual(['api/client.ts', 'api/live.ts'])
  })

  it('never put foreign HTML into the page', () => {
    expect(sources.filter(({ text }) => /v-html|innerHTML|insertAdjacentHTML/.test(text)).map(({ path }) => path)).toEqual([])
  })

  it('give every frame an empty sandbox, but for the page of ours on which a widget is tried', () => {
    const own = { path: 'features/admin/widgets/WidgetPreview.vue', page: ' src="/demo/preview" ' }
    for (const { path, text } of sources) {
      for (const [frame] of text.matchAll(/<iframe[^]*?>/g)) expect(frame, path).toContain(path === own.path ? own.page : 'sandbox=""')
    }
  })

  it('keep components and stores small', () => {
    const long = sources.filter(({ path, text }) => text.split('\n').length > (path.endsWith('.store.ts') ? 160 : 260))
    expect(long.map(({ path }) => path).filter((path) => !/schema\.ts$|locales\//.test(path))).toEqual([])
  })

  it('never say any', () => {
    expect(sources.filter(({ text }) => /:\s*any\b|<any>|as any\b/.test(text)).map(({ path }) => path)).toEqual([])
  })
})
