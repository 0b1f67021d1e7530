/** Solves the small puzzle that the center sets new visitors while a widget is being flooded. */

const WORDS = 64
const SLICE_MS = 30

/** Find a number that makes SHA-256 of `challenge:number` begin with as many zero bits as it says. */
export async function solve(challenge: string): Promise<string> {
  const bits = Number.parseInt(challenge, 10)
  let started = performance.now()
  for (let number = 0; ; number += 1) {
    if (zeroBits(sha256(`${challenge}:${number}`)) >= bits) return String(number)
    if (number % 200 === 199 && performance.now() - started > SLICE_MS) {
      // The page stays awake meanwhile; a worker would need a word in its policy.
      await new Promise((resolve) => setTimeout(resolve))
      started = performance.now()
    }
  }
}

export function zeroBits(hash: readonly number[]): number {
  let count = 0
  for (const word of hash) {
    count += Math.clz32(word)
    if (word !== 0) break
  }
  return count
}

const { roots, constants } = primes()

/** FIPS 180-4 over ASCII text; `crypto.subtle` is missing on pages without TLS. */
export function sha256(text: string): number[] {
  const blocks = ((text.length + 8) >> 6) + 1
  const data = new Uint32Array(blocks * 16)
  for (let at = 0; at < text.length; at += 1) data[at >> 2]! |= text.charCodeAt(at) << (24 - (at & 3) * 8)
  data[text.length >> 2]! |= 0x80 << (24 - (text.length & 3) * 8)
  data[data.length - 1] = text.length * 8
  const hash = [...roots]
  const w = new Uint32Array(WORDS)
  for (let block = 0; block < data.length; block += 16) {
    for (let at = 0; at < WORDS; at += 1) w[at] = at < 16 ? data[block + at]! : mixed(w, at)
    round(hash, w)
  }
  return hash.map((word) => word >>> 0)
}

function mixed(w: Uint32Array, at: number): number {
  const [early, late] = [w[at - 15]!, w[at - 2]!]
  const one = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3)
  const two = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10)
  return (w[at - 16]! + one + w[at - 7]! + two) | 0
}

function round(hash: number[], w: Uint32Array): void {
  let [a, b, c, d, e, f, g, h] = hash as [number, number, number, number, number, number, number, number]
  for (let at = 0; at < WORDS; at += 1) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + constants[at]! + w[at]!) | 0
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0]
  }
  ;[a, b, c, d, e, f, g, h].forEach((word, at) => (hash[at] = (hash[at]! + word) | 0))
}

function turn(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by))
}

/** The constants of the standard: fractions of square and cube roots of the first primes. */
function primes(): { roots: number[]; constants: number[] } {
  const found: number[] = []
  for (let number = 2; found.length < WORDS; number += 1) if (found.every((prime) => number % prime)) found.push(number)
  const fraction = (value: number): number => ((value - Math.floor(value)) * 2 ** 32) | 0
  return { roots: found.slice(0, 8).map((prime) => fraction(Math.sqrt(prime))), constants: found.map((prime) => fraction(Math.cbrt(prime))) }
}
