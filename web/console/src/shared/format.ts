/** Times, spans and sizes in the reader's language. */

/** The reader's own region when the browser speaks the chosen language: en-GB has other clocks than en-US. */
export function region(locale: string): string {
  const known = regions.get(locale) ?? navigator.languages.find((tag) => tag.split('-')[0] === locale) ?? (locale === 'en' ? 'en-GB' : locale)
  regions.set(locale, known)
  return known
}

const regions = new Map<string, string>()

const formats = new Map<string, WeakMap<Intl.DateTimeFormatOptions, Intl.DateTimeFormat>>()

/** Making a format costs a hundred times what using it does; a long thread has thousands of dates. */
function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const made = formats.get(locale) ?? new WeakMap<Intl.DateTimeFormatOptions, Intl.DateTimeFormat>()
  formats.set(locale, made)
  const known = made.get(options) ?? new Intl.DateTimeFormat(region(locale), options)
  made.set(options, known)
  return known
}

/** A span as a promise is worded: "60 sec", "60 min", "8 hr". */
export function spanWords(seconds: number, locale: string): string {
  const [size, unit] = seconds < 120 ? [1, 'second'] : seconds <= 7_200 ? [60, 'minute'] : [3_600, 'hour']
  return new Intl.NumberFormat(region(locale), { style: 'unit', unit: unit as string, unitDisplay: 'short', maximumFractionDigits: 1 }).format(
    seconds / (size as number),
  )
}

/** A running span as `m:ss`, `h:mm:ss`, or days and hours when long; negative spans count as none. */
export function clockSpan(milliseconds: number): string {
  const whole = Math.max(0, Math.floor(milliseconds / 1_000))
  const seconds = String(whole % 60).padStart(2, '0')
  const minutes = Math.floor(whole / 60) % 60
  const hours = Math.floor(whole / 3_600)
  if (hours === 0) return `${minutes}:${seconds}`
  if (hours < 48) return `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`
  return `${Math.floor(hours / 24)}d ${hours % 24}h`
}

/** A span of seconds as `clockSpan` says it, or a dash where there was nothing to measure. */
export function clockOrDash(seconds: number | null | undefined): string {
  return seconds === null || seconds === undefined ? '—' : clockSpan(seconds * 1_000)
}

export function percentOrDash(value: number | null | undefined): string {
  return value === null || value === undefined ? '—' : `${Math.round(value)} %`
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000_000],
  ['month', 2_592_000_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

/** "5 min. ago", "yesterday"; less than a minute is "now". */
export function ago(iso: string, now: number, locale: string): string {
  const past = Date.parse(iso) - now
  const format = new Intl.RelativeTimeFormat(region(locale), { numeric: 'auto', style: 'short' })
  for (const [unit, size] of STEPS) {
    if (Math.abs(past) >= size) return format.format(Math.trunc(past / size), unit)
  }
  return format.format(0, 'second')
}

const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' }
const DAY: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' }
const DATE: Intl.DateTimeFormatOptions = { ...DAY, year: 'numeric' }

/** The clock today, the date otherwise. */
export function shortTime(iso: string, now: number, locale: string): string {
  const date = new Date(iso)
  const today = new Date(now)
  if (date.getFullYear() !== today.getFullYear()) return dateFormat(locale, DATE).format(date)
  const same = date.getDate() === today.getDate() && date.getMonth() === today.getMonth()
  return dateFormat(locale, same ? CLOCK : DAY).format(date)
}

const MOMENT: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'short' }

export function longTime(iso: string, locale: string): string {
  return dateFormat(locale, MOMENT).format(new Date(iso))
}

export function bytes(size: number, locale: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const
  const step = size < 1 ? 0 : Math.min(3, Math.floor(Math.log(size) / Math.log(1_024)))
  return new Intl.NumberFormat(region(locale), {
    style: 'unit',
    unit: units[step],
    unitDisplay: 'short',
    maximumFractionDigits: step === 0 ? 0 : 1,
  }).format(size / 1_024 ** step)
}

/** Up to two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '')
  return letters.join('').toUpperCase() || '?'
}
