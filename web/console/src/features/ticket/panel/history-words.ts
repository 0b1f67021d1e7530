/** A journal entry as a sentence. */
import { useI18n } from 'vue-i18n'
import type { HistoryItem } from '@/api/schema'
import { longTime } from '@/shared/format'
import { useDirectory } from '@/shared/stores/directory.store'
import { useValueWords } from '@/shared/value-words'

export function useHistoryWords(): (item: HistoryItem) => string {
  const { t, te, locale } = useI18n()
  const directory = useDirectory()
  const plain = useValueWords()

  function value(field: string, given: unknown): string {
    const text = typeof given === 'string' ? given : plain(given, directory.agentNames)
    if (field === 'assignee_id') return directory.agentNames.get(text) ?? text
    if (field === 'team_id') return directory.teamNames.get(text) ?? text
    if (field === 'queue_id') return directory.queueNames.get(text) ?? text
    return te(`${field}.${text}`) ? t(`${field}.${text}`) : plain(text, directory.agentNames)
  }

  function changes(data: Record<string, unknown>): string {
    const all = Object.entries((data['changes'] ?? {}) as Record<string, [unknown, unknown]>)
    return all
      .map(([field, [old, now]]) => {
        if (field === 'client_id') return t('history.otherClient')
        const name = te(`history.fields.${field}`) ? t(`history.fields.${field}`) : field
        return `${name}: ${value(field, old)} → ${value(field, now)}`
      })
      .join('; ')
  }

  function asleep({ until, on_reply }: Record<string, unknown>): string {
    if (!until) return t('snooze.untilReply')
    return t(on_reply ? 'snooze.untilEither' : 'snooze.untilTime', { time: longTime(String(until), locale.value) })
  }

  /** Whom it was about is said only where it has a name. */
  function controlled({ what, detail }: Record<string, unknown>): string {
    const key = `history.CallControlled_${String(what)}`
    return te(key) ? t(key, { detail: String(detail ?? '') }) : String(what)
  }

  return (item) => {
    if (item.kind === 'TicketChanged') return changes(item.data)
    if (item.kind === 'TicketSnoozed') return asleep(item.data)
    if (item.kind === 'TicketWoken') return t(`history.TicketWoken_${String(item.data['reason'])}`)
    if (item.kind === 'CallChanged') return t('history.CallChanged_ended')
    if (item.kind === 'CallControlled') return controlled(item.data)
    if (item.kind === 'TicketLinkedArticle' && item.data['linked'] === false) return t('history.articleUnlinked')
    const agent = directory.agentNames.get(String(item.data['agent_id'] ?? '')) ?? ''
    const said = String(item.data['kind'] ?? '')
    const mode = String(item.data['mode'] ?? '')
    if (mode) return t(`history.${item.kind}_${mode}`, { agent })
    const key = item.kind === 'MessageAdded' && said ? `history.message_${said}` : `history.${item.kind}`
    const state = String(item.data['state'] ?? '')
    const named = te(`delivery.${state}`) ? t(`delivery.${state}`) : te(`contact.ends.${state}`) ? t(`contact.ends.${state}`) : state
    if (item.kind === 'ContactEnded') return [t('history.ContactEnded', { state: named }), item.data['disposition'], item.data['note']].filter(Boolean).join(' · ')
    const score = String(item.data['score'] ?? '')
    const choice = String(item.data['choice'] ?? '')
    return te(key) ? t(key, { agent, score, choice, state: named }).trim() : item.kind
  }
}
