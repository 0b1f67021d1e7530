/** Contrast by WCAG 2.2 (1.4.3 and 1.4.11), as the widget itself computes it. */

/** What a bubble needs against the page around it to be seen. */
export const SHAPE_CONTRAST = 3
const LIGHT_PAGE = '#ffffff'
const DARK_PAGE = '#171a1f'

/** Relative luminance of `#rrggbb`, from 0 to 1. */
export function luminance(colour: string): number {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
  const [red = 0, green = 0, blue = 0] = channels.map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

export function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

/** How far the bubble stands out from a light and from a dark page. */
export function standsOut(light: string, dark: string): { light: number; dark: number } {
  return { light: contrast(light, LIGHT_PAGE), dark: contrast(dark, DARK_PAGE) }
}
