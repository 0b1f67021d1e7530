/** Colours of the brand made readable: contrast by WCAG 2.2, success criterion 1.4.3. */

export type Rgb = readonly [number, number, number]

const TEXT_CONTRAST = 4.5
const FALLBACK: Rgb = [37, 99, 235]

export function parseColour(text: string): Rgb {
  const match = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim())
  if (!match) return FALLBACK
  const digits = match[1]!.length === 3 ? [...match[1]!].map((digit) => digit + digit).join('') : match[1]!
  const number = Number.parseInt(digits, 16)
  return [number >> 16, (number >> 8) & 255, number & 255]
}

export function toHex(colour: Rgb): string {
  return '#' + colour.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')
}

export function contrast(one: Rgb, other: Rgb): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

/** White or dark, whichever is easier to read on `background`: always enough for text. */
export function textOn(background: Rgb): Rgb {
  const white: Rgb = [255, 255, 255]
  if (contrast(white, background) >= TEXT_CONTRAST) return white
  // Between the two lie middle tones on which only pure black is dark enough.
  const ink: Rgb = [17, 20, 24]
  return contrast(ink, background) >= TEXT_CONTRAST ? ink : [0, 0, 0]
}

/** `colour`, moved towards black or white only as far as text on `surface` needs. */
export function readableOn(colour: Rgb, surface: Rgb): Rgb {
  const target: Rgb = luminance(surface) > 0.4 ? [0, 0, 0] : [255, 255, 255]
  for (let step = 0; step <= 20; step += 1) {
    const mixed = mix(colour, target, step / 20)
    if (contrast(mixed, surface) >= TEXT_CONTRAST) return mixed
  }
  return target
}

function mix(one: Rgb, other: Rgb, share: number): Rgb {
  const blend = (place: 0 | 1 | 2): number => one[place] + (other[place] - one[place]) * share
  return [blend(0), blend(1), blend(2)]
}

function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
