/** What a channel cannot carry, said while one writes; the server decides by the same bounds. */
import type { AttachmentView, ReplyRoute } from '@/api/schema'
import { fromHtml } from '@/shared/plain-html'

export interface Excess {
  chars: number
  most: number
  /** How many characters are too many; 0 while there is room. */
  over: number
  /** The text would fit if the files went by themselves. */
  beside: boolean
}

/** Worth showing only when the room gets small. */
const NEARLY = 0.8

export function excessOf(route: ReplyRoute | null, html: string, files: number): Excess | null {
  const limits = route?.limits
  if (!limits) return null
  const most = files ? limits.beside_files_chars : limits.text_chars
  // Words are never longer than their markup: most texts need not be read as HTML for this.
  if (html.length < most * NEARLY) return null
  const chars = fromHtml(html).length
  if (chars < most * NEARLY) return null
  return { chars, most, over: Math.max(0, chars - most), beside: files > 0 && chars <= limits.text_chars }
}

/** Nothing may leave on this way now: the client forbade it, or the provider's window has closed. */
export function isShut(route: ReplyRoute | null, now: number): boolean {
  if (!route) return false
  return route.forbidden || (route.open_until !== null && Date.parse(route.open_until) <= now)
}

export interface FileExcess {
  key: 'manyFiles' | 'largeFile' | 'largeFiles'
  values: Record<string, string | number>
}

const mib = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MB`

export function fileExcess(route: ReplyRoute | null, files: Pick<AttachmentView, 'name' | 'size'>[]): FileExcess | null {
  const limits = route?.limits
  if (!limits || !files.length) return null
  if (files.length > limits.files) return { key: 'manyFiles', values: { most: limits.files } }
  const large = files.find((one) => one.size > limits.file_bytes)
  if (large) return { key: 'largeFile', values: { name: large.name, size: mib(limits.file_bytes) } }
  const all = files.reduce((sum, one) => sum + one.size, 0)
  return all > limits.all_files_bytes ? { key: 'largeFiles', values: { size: mib(limits.all_files_bytes) } } : null
}
