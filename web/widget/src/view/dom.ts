/** Makes elements. Text goes in as text nodes only; nothing here reads markup. */

type Child = Node | string | null | false | undefined
type Listeners = { [name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[name]) => void }

export interface Options {
  class?: string
  text?: string
  attributes?: Record<string, string | boolean>
  on?: Listeners
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  options: Options = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  if (options.class) made.className = options.class
  if (options.text !== undefined) made.textContent = options.text
  for (const [name, value] of Object.entries(options.attributes ?? {})) attribute(made, name, value)
  for (const [name, listener] of Object.entries(options.on ?? {})) made.addEventListener(name, listener as EventListener)
  for (const child of children) if (child) made.append(child)
  return made
}

export function attribute(of: Element, name: string, value: string | boolean): void {
  if (value === false) of.removeAttribute(name)
  else of.setAttribute(name, value === true ? '' : value)
}

export function say(where: Element, text: string): void {
  if (where.textContent !== text) where.textContent = text
}

const DRAWINGS = {
  chat: 'M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2Z',
  question: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm-2.6-11.5a2.7 2.7 0 1 1 4 2.4c-.9.5-1.4 1-1.4 2.1m0 3v.1',
  mail: 'M4 6h16v12H4V6Zm0 1 8 6 8-6',
  hand: 'M8 13V6.5a1.5 1.5 0 0 1 3 0V11m0-6.5a1.5 1.5 0 0 1 3 0V11m0-5a1.5 1.5 0 0 1 3 0v7.5c0 4-2.5 7-6 7-3 0-4.2-1.6-5.6-4.2L3.8 13a1.5 1.5 0 0 1 2.6-1.5L8 14',
  close: 'm6 6 12 12M18 6 6 18',
  send: 'M4 12 20 4l-5 16-3.5-6.5L4 12Zm7.5 1.5L20 4',
  clip: 'm20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7L9.4 17a1.7 1.7 0 0 1-2.4-2.4L14.5 7',
  file: 'M6 3h8l5 5v13H6V3Zm8 0v5h5',
  check: 'm5 13 4 4L19 7',
  checks: 'm2 13 4 4L16 7m-4 9 1 1L23 7',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-14v5l3 2',
  alert: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-13v5m0 3v.1',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-8 8c1-4 4-5 8-5s7 1 8 5',
  back: 'm14 6-6 6 6 6',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Zm5-1.5L20 20',
  down: 'M12 5v14m-6-6 6 6 6-6',
} as const

export type Drawing = keyof typeof DRAWINGS

export function icon(name: Drawing): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(space, 'svg')
  const path = document.createElementNS(space, 'path')
  for (const [key, value] of Object.entries({ viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' })) {
    svg.setAttribute(key, value)
  }
  path.setAttribute('d', DRAWINGS[name])
  svg.append(path)
  return svg
}
