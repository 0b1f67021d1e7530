/** Changes to one or many tickets, said in a notice that can take them back. */
import { useI18n } from 'vue-i18n'
import { CHANGES_AT_ONCE, changeTickets, type ChangeOutcome, type TicketChange } from '@/api/day'
import type { Id } from '@/api/schema'
import { useNotices } from '@/shared/stores/notices.store'

export type Wish = Omit<TicketChange, 'id' | 'version'>

async function inParcels(changes: TicketChange[]): Promise<ChangeOutcome[]> {
  const done: ChangeOutcome[] = []
  for (let from = 0; from < changes.length; from += CHANGES_AT_ONCE) {
    done.push(...(await changeTickets(changes.slice(from, from + CHANGES_AT_ONCE))))
  }
  return done
}

/** What undoes the last change, for the key that undoes. */
let undoLast: (() => void) | null = null

export function useChanges(): { change: (ids: Id[], wish: Wish) => Promise<boolean>; undo: () => void } {
  const { t } = useI18n()
  const notices = useNotices()

  async function takeBack(done: ChangeOutcome[]): Promise<void> {
    await notices.attempt(async () => {
      const undone = await inParcels(done.map(({ id, version, before }) => ({ id, version, ...before })))
      const late = undone.filter((one) => !one.ok).length
      if (late) notices.say(t('bulk.notUndone', { n: late }, late), 'bad')
      else notices.say(t('bulk.undone'))
    })
  }

  async function change(ids: Id[], wish: Wish): Promise<boolean> {
    return notices.attempt(async () => {
      const outcomes = await inParcels(ids.map((id) => ({ id, ...wish })))
      const done = outcomes.filter((one) => one.ok)
      const refused = outcomes.length - done.length
      if (refused) notices.say(t('bulk.refused', { n: refused }, refused), 'bad')
      if (!done.length) return
      const undo = (): void => {
        dismiss()
        if (undoLast === undo) undoLast = null
        void takeBack(done)
      }
      const dismiss = notices.offer(t('bulk.changed', { n: done.length }, done.length), t('bulk.undo'), undo)
      undoLast = undo
    })
  }

  return { change, undo: () => undoLast?.() }
}
