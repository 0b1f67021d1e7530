/** A message as it will look, before the server has answered. */
import type { AgentView, MessageView } from '@/api/schema'
import { fromHtml } from '@/shared/plain-html'
import type { Unsent } from './unsent'

export function optimistic(unsent: Unsent, me: AgentView): MessageView {
  const body = unsent.message
  const note = body.kind === 'note'
  return {
    id: body.id,
    ticket_id: unsent.about,
    kind: note ? 'note' : 'outbound',
    channel: note ? 'note' : unsent.channel,
    author_name: me.name,
    author_handle: '',
    author_agent_id: me.id,
    author_client_id: null,
    subject: null,
    text: fromHtml(body.html),
    quoted: '',
    answers: null,
    has_html: false,
    to: (body.to ?? []).map((one) => ({ handle: one.handle, name: one.name ?? '' })),
    cc: (body.cc ?? []).map((one) => ({ handle: one.handle, name: one.name ?? '' })),
    reply_to: [],
    mentions: [],
    automatic: null,
    choice: null,
    sender_proven: true,
    unverified_claim: null,
    warnings: [],
    state: note ? 'noted' : body.send_at ? 'scheduled' : 'pending',
    state_reason: '',
    undo_until: body.send_at ?? null,
    created_at: unsent.at,
    sent_at: null,
    attachments: unsent.kept.attachments,
    call_id: null,
  }
}
