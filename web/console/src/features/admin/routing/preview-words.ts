/** What a preview says, in words. */
import type { Id } from '@/api/schema'
import type { DoubtView, RulesPreview } from '@/api/routing'
import { spanWords } from '@/shared/format'

type Say = (key: string, values: Record<string, unknown>, plural: number) => string

const EFFECTS = ['offered', 'moved_on', 'turned_away', 'fewer', 'more'] as const

/** One sentence for how many wait, and one for each thing that would happen to some of them. */
export function effectWords(preview: RulesPreview, t: Say): string[] {
  const happens = EFFECTS.filter((one) => preview[one] > 0).map((one) => t(`routing.preview.${one}`, { n: preview[one] }, preview[one]))
  const able = preview.waiting && preview.agents ? [t('routing.preview.agents', { n: preview.agents }, preview.agents)] : []
  return [t('routing.preview.waiting', { n: preview.waiting }, preview.waiting), ...happens, ...able]
}

export function doubtWords(doubt: DoubtView, skills: Map<Id, string>, locale: string, t: Say): string {
  const skill = skills.get(doubt.skill_id ?? '') ?? '—'
  return t(`routing.preview.doubt.${doubt.code}`, { skill, level: doubt.level, span: spanWords(doubt.seconds, locale) }, 1)
}

/** Whether whoever saves these rules should be asked once more. */
export const isDoubtful = (preview: RulesPreview): boolean => preview.unserved.length > 0 || preview.doubts.length > 0
