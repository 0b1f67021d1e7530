/** What is wrong with a flow, or less good than it could be, in the reader's words. */
import type { FlowProblem } from '@/api/call-flows'
import { LOCALE_NAMES } from '@/shared/i18n'

interface Said {
  te: (key: string) => boolean
  t: (key: string, facts: Record<string, string>) => string
}

export function wordsOf(problem: FlowProblem, { t, te }: Said): string {
  const key = `flow.codes.${problem.code}`
  if (!te(key)) return `${problem.message}. ${problem.cure}`
  const { language = '', channel = '', ...facts } = problem.facts
  return t(key, {
    ...facts,
    language: LOCALE_NAMES[language as keyof typeof LOCALE_NAMES] ?? language,
    channel: te(`channels.${channel}`) ? t(`channels.${channel}`, {}) : channel,
  })
}
