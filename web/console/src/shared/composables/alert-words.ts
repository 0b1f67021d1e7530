/** An alert in words, the same above a page, on the wall and in the list. */
import { useI18n } from 'vue-i18n'
import type { FloorAlert } from '@/api/floor'
import { clockSpan } from '@/shared/format'

export function useAlertWords(): (alert: Pick<FloorAlert, 'kind' | 'value' | 'most'>) => string {
  const { t } = useI18n()
  return ({ kind, value, most }) => {
    const asSpan = kind === 'longest_wait'
    const shown = (seconds: number): string => (asSpan ? clockSpan(seconds * 1_000) : String(seconds))
    return t(`board.alertWords.${kind}`, { value: shown(value), most: shown(most) })
  }
}
