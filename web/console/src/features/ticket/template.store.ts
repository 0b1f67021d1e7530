/** An approved text as the answer, beside what is being written, which stays in the editor. */
import { ref } from 'vue'
import { serverNow } from '@/api/client'
import type { Id, NewMessage, TemplateChoice } from '@/api/schema'
import { errorText } from '@/shared/error-text'
import { toHtml } from '@/shared/plain-html'
import { uuid7 } from '@/shared/uuid7'
import { sameWords } from './draft'
import { perTicket } from './per-ticket'
import { useRecipients } from './recipients.store'
import { useTicket } from './ticket.store'
import { useUnsent } from './unsent.store'

export const useTemplate = perTicket((about: Id) => {
  const ticket = useTicket(about)
  const unsent = useUnsent()
  const recipients = useRecipients(about)
  const sending = ref(false)
  const problem = ref('')
  /** The last try whose fate is unknown: the same again goes under the same id, so it cannot arrive twice. */
  let doubtful: NewMessage | null = null

  function messageOf(template: TemplateChoice, html: string): NewMessage {
    const message: NewMessage = { id: uuid7(), kind: 'reply', html, account_id: recipients.chosenRoute, template }
    return doubtful && sameWords(doubtful, message) ? { ...message, id: doubtful.id } : message
  }

  /** True once it is shown in the thread; refused, `problem` says why. */
  async function send(template: TemplateChoice, text: string): Promise<boolean> {
    if (sending.value) return false
    const message = messageOf(template, toHtml(text))
    const kept = { html: message.html, kind: 'reply' as const, attachments: [], articles: [], version: 0, unsaved: false }
    sending.value = true
    problem.value = ''
    doubtful = null
    const at = new Date(serverNow()).toISOString()
    const fate = await unsent.send({ about, message, kept, channel: recipients.channel, at, waits: false, refusal: '', reason: '' })
    sending.value = false
    if (fate === 'sent') void ticket.load()
    if (fate === 'sent' || fate === 'waits') return true
    if (fate.status >= 500) doubtful = message
    problem.value = errorText(fate)
    return false
  }

  return { sending, problem, send }
})
