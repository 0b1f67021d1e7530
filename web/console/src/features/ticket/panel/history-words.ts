/** A journal entry as a sentence. */
import { useI18n } from 'vue-i18n'
import type { HistoryItem } from '@/api/schema'
import { useDirectory } from '@/shared/stores/directory.store'

export function useHistoryWords(): (item: HistoryItem) => string {
  const { t, te } = useI18n()
  const directory = useDirectory()

  function value(field: string, given: unknown): string {
    if (given === null || given === undefined || given === '') return '—'
    if (Array.isArray(given)) return given.join(', ') || '—'
    const text = String(given)
    if (field === 'assignee_id') return directory.agentNames.get(text) ?? text
    if (field === 'team_id') return directory.teamNames.get(text) ?? text
    return te(`${field}.${text}`) ? t(`${field}.${text}`) : text
  }

  function changes(data: Record<string, unknown>): string {
    const all = Object.entries((data['changes'] ?? {}) as Record<string, [unknown, unknown]>)
    return all
      .map(([field, [old, now]]) => {
        const name = te(`history.fields.${field}`) ? t(`history.fields.${field}`) : field
        return `${name}: ${value(field, old)} → ${value(field, now)}`
      })
      .join('; ')
  }

  return (item) => {
    if (item.kind === 'TicketChanged') return changes(item.data)
    const agent = directory.agentNames.get(String(item.data['agent_id'] ?? '')) ?? ''
    const said = String(item.data['kind'] ?? '')
    const mode = String(item.data['mode'] ?? '')
    if (mode) return t(`history.${item.kind}_${mode}`, { agent })
    const key = item.kind === 'MessageAdded' && said ? `history.message_${said}` : `history.${item.kind}`
    const state = String(item.data['state'] ?? '')
    const named = te(`delivery.${state}`) ? t(`delivery.${state}`) : te(`contact.ends.${state}`) ? t(`contact.ends.${state}`) : state
    const score = String(item.data['score'] ?? '')
    return te(key) ? t(key, { agent, score, state: named }).trim() : item.kind
  }
}
