/** How many segments a text takes as SMS, which is what is paid: 3GPP TS 23.038 and 23.040, as the server counts them. */

export interface Segments {
  encoding: 'gsm7' | 'ucs2'
  count: number
  /** How many signs still fit into the last one. */
  room: number
}

const BASIC = new Set('@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà')
const DOUBLE = new Set('\f^{}\\[~]|€')

export function segmentsOf(text: string): Segments {
  const signs = [...text]
  return signs.every((sign) => BASIC.has(sign) || DOUBLE.has(sign))
    ? counted('gsm7', signs.map((sign) => (DOUBLE.has(sign) ? 2 : 1)), 160, 153)
    : counted('ucs2', signs.map((sign) => sign.length), 70, 67)
}

/** What takes two units is never torn apart. */
function counted(encoding: Segments['encoding'], sizes: number[], alone: number, each: number): Segments {
  const units = sizes.reduce((sum, size) => sum + size, 0)
  if (units <= alone) return { encoding, count: units ? 1 : 0, room: alone - units }
  let count = 1
  let used = 0
  for (const size of sizes) {
    if (used + size > each) {
      count += 1
      used = 0
    }
    used += size
  }
  return { encoding, count, room: each - used }
}
