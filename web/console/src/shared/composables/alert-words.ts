/** An alert in words, the same above a page, on the wall and in the list. */
import { useI18n } from 'vue-i18n'
import { COUNTED, type FloorAlert } from '@/api/floor'
import { clockSpan } from '@/shared/format'

/** One that is over says what it came to; while it lasts only its limit is true from one second to the next. */
export function useAlertWords(): (alert: Pick<FloorAlert, 'kind' | 'value' | 'most' | 'until'>) => string {
  const { t } = useI18n()
  return ({ kind, value, most, until }) => {
    const asSpan = kind === 'longest_wait'
    const shown = (seconds: number): string => (asSpan ? clockSpan(seconds * 1_000) : String(seconds))
    const words = !until && COUNTED.includes(kind) ? 'lastingWords' : 'alertWords'
    return t(`board.${words}.${kind}`, { value: shown(value), most: shown(most) })
  }
}
