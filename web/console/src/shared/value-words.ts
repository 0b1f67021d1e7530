/** What a setting was and became, in words: lists, pairs and parts of a whole as somebody would say them. */
import { useI18n } from 'vue-i18n'
import { longTime, region } from '@/shared/format'

const NOTHING = '—'
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/
/** A Monday, from which the days of a week are counted. */
const MONDAY = Date.UTC(2024, 0, 1)
const DAY_MS = 86_400_000

type Whole = Record<string, unknown>

function isNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  return value === null || value === undefined || value === '' || (typeof value === 'object' && Object.keys(value).length === 0)
}

/** Minutes of a day as its clock shows them. */
function clock(minutes: unknown): string {
  const whole = Number(minutes)
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`
}

/** `names` knows what ids stand for. */
export function useValueWords(): (value: unknown, names: Map<string, string>) => string {
  const { t, te, locale } = useI18n()

  function part(name: string, names: Map<string, string>): string {
    const key = [`settingFields.${name}`, `settingParts.${name}`, `channels.${name}`].find((one) => te(one))
    return key ? t(key) : (names.get(name) ?? name)
  }

  function weekday(day: unknown): string {
    return new Intl.DateTimeFormat(region(locale.value), { weekday: 'long', timeZone: 'UTC' }).format(MONDAY + Number(day) * DAY_MS)
  }

  function whole(value: Whole, names: Map<string, string>): string {
    const { weekday: day, opens, closes, skill_id: skill, level, on, name, spans, ...rest } = value
    if (opens !== undefined) return `${clock(opens)}–${clock(closes)}`
    const hours = isNothing(spans) ? t('settingParts.closed') : words(spans, names)
    if (day !== undefined) return `${weekday(day)} ${hours}`
    if (on !== undefined) return [on, name, hours].filter(Boolean).join(' ')
    if (skill !== undefined && isNothing(rest)) return `${words(skill, names)} ${words(level, names)}`
    const parts = Object.entries(value).filter(([, one]) => !isNothing(one))
    return parts.map(([key, one]) => `${part(key, names)}: ${words(one, names)}`).join(', ')
  }

  function words(value: unknown, names: Map<string, string>): string {
    if (isNothing(value)) return NOTHING
    if (typeof value === 'boolean') return t(value ? 'common.yes' : 'common.no')
    if (Array.isArray(value)) {
      const large = value.some((one) => typeof one === 'object' && one !== null && !('opens' in one))
      return value.map((one) => words(one, names)).join(large ? '; ' : ', ')
    }
    if (typeof value === 'object') return whole(value as Whole, names)
    const text = String(value)
    if (MOMENT.test(text)) return longTime(text, locale.value)
    return names.get(text) ?? (te(`channels.${text}`) ? t(`channels.${text}`) : text)
  }

  return words
}
