/** Draws pictures on a canvas: the page's policy for images need not know about us. */

import { element } from './dom'

const WIDEST = 260
const TALLEST = 220
const PIXELS_AT_MOST = 40_000_000

export interface Box {
  width: number
  height: number
}

/** Draw `bytes` no larger than `box`; null when they are no picture or an absurdly large one. */
export async function drawn(bytes: Blob, box: Box = { width: WIDEST, height: TALLEST }): Promise<HTMLCanvasElement | null> {
  try {
    const bitmap = await createImageBitmap(bytes)
    if (bitmap.width * bitmap.height > PIXELS_AT_MOST) return null
    const scale = Math.min(1, box.width / bitmap.width, box.height / bitmap.height)
    const sharp = Math.min(window.devicePixelRatio || 1, 2)
    const canvas = element('canvas')
    const [width, height] = [Math.max(1, bitmap.width * scale), Math.max(1, bitmap.height * scale)]
    canvas.width = Math.round(Math.min(width * sharp, bitmap.width))
    canvas.height = Math.round((canvas.width / width) * height)
    canvas.style.width = `${Math.round(width)}px`
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
    bitmap.close()
    return canvas
  } catch {
    return null
  }
}

/** Hand `bytes` to the person as a file; nothing is ever opened in the page. */
export function save(bytes: Blob, name: string): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }))
  const link = element('a', { attributes: { href: url, download: name } })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
