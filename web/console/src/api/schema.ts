/**
 * What the REST API takes and gives: the same names as `web/shapes.py`, kept equal to it.
 * An optional field (`?`) of a body may be left out; `null` is a value.
 */

export type Id = string
/** ISO 8601 with a time zone. */
export type IsoTime = string
export type Locale = 'en' | 'uk' | 'ru'
export type TicketStatus = 'new' | 'open' | 'waiting' | 'solved' | 'closed'
export type Priority = 'low' | 'normal' | 'high' | 'urgent'
export type ChannelKind = 'mail' | 'webchat' | 'telegram' | 'custom' | 'sms' | 'whatsapp' | 'whatsapp_cloud' | 'viber' | 'line' | 'messenger' | 'instagram' | 'voice'
export type PresenceState = 'available' | 'away' | 'offline'
export type ContactState =
  | 'queued' | 'offered' | 'active' | 'wrap_up' | 'closed' | 'abandoned' | 'flowed_out'
export type MessageState =
  | 'received' | 'scheduled' | 'paused' | 'pending' | 'sent' | 'delivered' | 'read' | 'failed' | 'uncertain' | 'withdrawn' | 'noted'

/** One page of a list; `next` is the cursor of the page after it, null on the last. */
export interface Page<T> {
  items: T[]
  next: string | null
}

export interface Done {
  ok: boolean
}

// People who work here

export interface SignIn {
  email: string
  password: string
}

export interface FirstAgent {
  /** Printed on the server's console at its first start. */
  token: string
  name: string
  email: string
  password: string
  locale?: Locale
}

export interface SetupView {
  needed: boolean
}

export interface TeamView {
  id: Id
  name: string
  member_ids: Id[]
}

export interface RoleView {
  id: Id
  name: string
  permissions: string[]
  builtin: boolean
}

export interface PermissionView {
  name: string
  meaning: string
}

export interface PresenceView {
  agent_id: Id
  state: PresenceState
  reason: string
  since: IsoTime
}

export interface AgentView {
  id: Id
  name: string
  email: string
  role_id: Id
  role: string
  active: boolean
  locale: string
  signature: string
  capacity: Record<string, number>
  /** Where calls reach them: `+` and digits, or a SIP address; empty: nowhere. */
  phone: string
  team_ids: Id[]
  version: number
}

export interface Me {
  agent: AgentView
  permissions: string[]
  presence: PresenceView
  session_id: Id | null
  company: string
  undo_seconds: number
  /** How far the journal was: listening begins there. */
  seq: number
}

export interface NewAgent {
  name: string
  email: string
  password: string
  role_id: Id
  locale?: Locale
  team_ids?: Id[]
  capacity?: Record<string, number>
}

export interface AgentPatch {
  version: number
  name?: string
  email?: string
  password?: string
  role_id?: Id
  active?: boolean
  locale?: Locale
  signature?: string
  team_ids?: Id[]
  capacity?: Record<string, number>
  phone?: string
}

export interface MePatch {
  name?: string
  locale?: Locale
  phone?: string
  signature?: string
  old_password?: string
  new_password?: string
}

export interface NewTeam {
  name: string
  member_ids?: Id[]
}

export interface TeamPatch {
  name?: string
  member_ids?: Id[]
}

export interface NewRole {
  name: string
  permissions: string[]
}

export interface RolePatch {
  name?: string
  permissions?: string[]
}

export interface PresenceChange {
  state: PresenceState
  reason?: string
}

/** What a supervisor sets for an agent; the note is told to them. */
export interface ForcedPresence extends PresenceChange {
  note?: string
  sign_out?: boolean
}

export interface SessionView {
  id: Id
  created_at: IsoTime
  seen_at: IsoTime
  address: string
  browser: string
  current: boolean
}

export interface NewToken {
  name: string
  scopes: string[]
  days?: number
}

export interface TokenView {
  id: Id
  name: string
  scopes: string[]
  created_at: IsoTime
  expires_at: IsoTime
  used_at: IsoTime | null
  /** Shown once, in the answer to its creation. */
  token: string | null
}

// Clients

export interface IdentityView {
  id: Id
  channel: string
  handle: string
  name: string
  verified: boolean
  /** Why nothing that we send reaches them there any more. */
  unreachable: string | null
  /** They asked us not to write there; nothing is sent until they allow it again. */
  opted_out: boolean
}

export interface ClientBrief {
  id: Id
  name: string
  kind: string
  email: string | null
  blocked: boolean
  /** We write to them only in answer to their own words. */
  left_alone: boolean
}

export interface ListedClient extends ClientBrief {
  phone: string | null
  channels: string[]
}

export interface NoteView {
  id: Id
  author_id: Id
  text: string
  created_at: IsoTime
}

export interface MergeView {
  id: Id
  source_id: Id
  source_name: string
  merged_at: IsoTime
  merged_by: Id
}

/** Another client who may be the same person; `proven`: both wrote from it. */
export interface LikelyView {
  client: ClientBrief
  shared: { kind: 'email' | 'phone'; value: string; proven: boolean }[]
}

export interface ClientView {
  id: Id
  kind: 'person' | 'organisation'
  name: string
  email: string | null
  phone: string | null
  locale: string | null
  organisation: ClientBrief | null
  members: ClientBrief[]
  attributes: Record<string, unknown>
  identities: IdentityView[]
  notes: NoteView[]
  merges: MergeView[]
  blocked: boolean
  /** We write to them only in answer to their own words. */
  left_alone: boolean
  created_at: IsoTime
  version: number
}

export interface NewClient {
  name: string
  kind?: 'person' | 'organisation'
  email?: string | null
  phone?: string | null
  organisation_id?: Id | null
}

export interface ClientPatch {
  version: number
  name?: string
  email?: string | null
  phone?: string | null
  locale?: Locale | null
  organisation_id?: Id | null
  blocked?: boolean
  left_alone?: boolean
}

export interface NewNote {
  text: string
}

export interface MergeRequest {
  source_id: Id
}

export interface TimelineItem {
  at: IsoTime
  kind: 'ticket' | 'message' | 'note' | 'contact' | 'merge' | 'planned' | 'wish'
  title: string
  detail: string
  ticket_id: Id | null
  channel: string | null
  planned: boolean
}

// Tickets

export interface PartyView {
  handle: string
  name: string
}

export interface PartyBody {
  handle: string
  name?: string
}

export interface AttachmentView {
  id: Id
  name: string
  media_type: string
  size: number
  inline: boolean
  content_id: string | null
  url: string
}

export interface MessageView {
  id: Id
  ticket_id: Id
  kind: 'inbound' | 'outbound' | 'note' | 'whisper'
  channel: string
  author_name: string
  author_handle: string
  author_agent_id: Id | null
  author_client_id: Id | null
  subject: string | null
  text: string
  quoted: string
  /** The message of this ticket that the client answered or put a sign on. */
  answers: Id | null
  /** Its sanitised HTML is at `/api/v1/messages/{id}/html`, for a sandboxed frame only. */
  has_html: boolean
  to: PartyView[]
  cc: PartyView[]
  reply_to: PartyView[]
  mentions: string[]
  /** Why no person wrote it; `menu` of what the center itself says from a flow. */
  automatic: string | null
  /** The words of the menu's option that the client chose with it. */
  choice: string | null
  sender_proven: boolean
  unverified_claim: Id | null
  warnings: string[]
  state: MessageState
  state_reason: string
  undo_until: IsoTime | null
  created_at: IsoTime
  sent_at: IsoTime | null
  attachments: AttachmentView[]
  /** The call that it stands for. */
  call_id: Id | null
}

export interface TicketBrief {
  id: Id
  number: number
  subject: string
  status: TicketStatus
  priority: Priority
  channel: string
  client_id: Id
  client_name: string
  assignee_id: Id | null
  team_id: Id | null
  queue_id: Id | null
  tags: string[]
  preview: string
  awaiting_answer: boolean
  created_at: IsoTime
  last_activity_at: IsoTime
  version: number
  /** How many messages I have not seen; counted up to 99. */
  unread: number
  /** A note names me, and I have not read it. */
  mentioned: boolean
  snooze: SnoozeView | null
}

export interface SnoozeView {
  until: IsoTime | null
  on_reply: boolean
  agent_id: Id
  since: IsoTime
}

/** A supervisor beside the agent at a running contact. */
export interface CompanionView {
  agent_id: Id
  name: string
  mode: 'reading' | 'joined'
  /** The agent who has the contact sees it. */
  told: boolean
  since: IsoTime
}

/** The client of this contact is to be called back. */
export interface CallbackNote {
  id: Id
  number: string
  note: string
}

export interface ContactView {
  id: Id
  ticket_id: Id
  client_id: Id
  queue_id: Id
  channel: string
  state: ContactState
  agent_id: Id | null
  virtual_arrival: IsoTime
  entered_at: IsoTime
  answered_at: IsoTime | null
  ended_at: IsoTime | null
  /** When wrap-up ends by itself, if it does. */
  wrap_up_until: IsoTime | null
  /** Who alone may have it. */
  pinned_to: Id | null
  ticket_number: number | null
  subject: string
  client_name: string
  preview: string
  /** Who reads along or takes part, as far as I may know. */
  companions: CompanionView[]
  callback: CallbackNote | null
  /** What the client chose in a menu to come into this queue. */
  chosen: string
}

export interface ArticleBrief {
  id: Id
  slug: string
  title: string
  locale: string
  visibility: 'internal' | 'public'
  state: 'draft' | 'published'
  category_id: Id | null
  excerpt: string
  updated_at: IsoTime
}

/** What the client thought of the help, from 1 to 5. */
export interface RatingView {
  score: number
  comment: string
  rated_at: IsoTime
}

export interface TicketView {
  ticket: TicketBrief
  rating: RatingView | null
  account_id: Id | null
  recipient: PartyView
  follows: TicketBrief | null
  followed_by: TicketBrief[]
  contact: ContactView | null
  client: ClientView
  /** The newest page of the thread, oldest first. */
  messages: MessageView[]
  /** Cursor of the page before it. */
  older: string | null
  articles: ArticleBrief[]
}

/** An approved text and what its variables stand for; it is sent instead of `html`. */
export interface TemplateChoice {
  id: Id
  values: Record<string, string>
}

export interface TemplateView {
  id: Id
  account_id: Id
  name: string
  language: string
  category: string
  /** `approved`, or the provider's word why not. */
  status: string
  usable: boolean
  unusable: string
  /** `{{key}}` stands where a variable is filled in. */
  header: string
  body: string
  footer: string
  buttons: string[]
  variables: { key: string; example: string; link: boolean }[]
  seen_at: IsoTime
}

export interface NewTicket {
  id: Id
  subject: string
  client_id: Id
  account_id: Id
  recipient: PartyBody
  html: string
  cc?: PartyBody[]
  attachment_ids?: Id[]
  template?: TemplateChoice | null
}

export interface TicketPatch {
  version: number
  subject?: string
  status?: TicketStatus
  priority?: Priority
  assignee_id?: Id | null
  team_id?: Id | null
  tags?: string[]
}

export interface NewMessage {
  /** Chosen by the caller (UUIDv7): the same one again is the same message. */
  id: Id
  kind: 'reply' | 'note'
  html: string
  /** Another channel of the client; absent: the way the last word came. */
  account_id?: Id | null
  to?: PartyBody[] | null
  cc?: PartyBody[]
  attachment_ids?: Id[]
  article_ids?: Id[]
  mentions?: Id[]
  set_status?: TicketStatus | null
  /** The newest message the writer has seen; a newer one from the client is a conflict. */
  after_message_id?: Id | null
  /** Of an answer: leave it for this moment. */
  send_at?: IsoTime | null
  /** Of an answer for later: pause it when the client writes before. */
  unless_client_writes?: boolean
  /** Of an answer: what the provider has approved, which may be sent out of the window, too. */
  template?: TemplateChoice | null
}

export interface PreviewBody {
  html: string
  account_id?: Id | null
  to?: PartyBody[] | null
  cc?: PartyBody[]
  attachment_ids?: Id[]
}

/** What the client would get. */
export interface PreviewView {
  channel: string
  sender: string
  to: PartyView[]
  cc: PartyView[]
  subject: string | null
  /** Sanitised, with the signature; for a sandboxed frame only. */
  html: string
}

export interface PlanParty {
  handle: string
  name: string
  /** Not yet part of this conversation: ask before sending. */
  new: boolean
}

/** What one message may hold there; texts are counted in UTF-16 units. */
export interface ChannelLimits {
  text_chars: number
  beside_files_chars: number
  files: number
  file_bytes: number
  all_files_bytes: number
  formatting: 'plain' | 'rich'
  /** Show how many of these a text takes; segments are those of SMS. */
  counting: 'characters' | 'segments'
}

export interface ReplyRoute {
  account_id: Id
  channel: string
  name: string
  recipient: PartyView
  limits: ChannelLimits
  /** The client asked us not to write there; an answer is refused until they allow it again. */
  forbidden: boolean
  /** Where the provider lets us write freely only for a while: until when. After that an answer is refused. */
  open_until: string | null
  /** It takes approved templates, whenever they are sent. */
  templates: boolean
}

export interface ReplyPlan {
  route: ReplyRoute | null
  routes: ReplyRoute[]
  to: PlanParty[]
  cc: PlanParty[]
  all_to: PlanParty[]
  all_cc: PlanParty[]
  warnings: string[]
}

export interface DraftBody {
  html: string
  kind?: 'reply' | 'note'
  attachment_ids?: Id[]
  version?: number
}

export interface DraftView {
  html: string
  kind: 'reply' | 'note'
  attachment_ids: Id[]
  updated_at: IsoTime
  version: number
}

export interface HistoryItem {
  seq: number
  at: IsoTime
  kind: string
  actor_id: Id | null
  actor_name: string
  data: Record<string, unknown>
}

export interface CannedReplyView {
  id: Id
  shortcut: string
  title: string
  html: string
  team_id: Id | null
  version: number
}

export interface NewCannedReply {
  shortcut: string
  title: string
  html: string
  team_id?: Id | null
}

export interface CannedReplyPatch {
  version: number
  shortcut?: string
  title?: string
  html?: string
  team_id?: Id | null
}

export interface RenderedReply {
  html: string
}

export interface ViewCount {
  /** The name of a ready-made view, or the id of a saved one. */
  view: string
  /** Counted up to 1,000. */
  count: number
  /** Of my own tickets: how many hold something new. */
  unread: number
}

export interface SearchHit {
  ticket: TicketBrief
  snippet: string
}

// Queues, work, the floor

export interface QueueView {
  id: Id
  name: string
  channels: string[]
  service_target_seconds: number
  service_level_percent: number
  offer_seconds: number
  team_id: Id | null
  is_default: boolean
  member_ids: Id[]
  /** Whether agents say how a contact ended before it is closed. */
  wrap_up: boolean
  wrap_up_seconds: number | null
  needs_disposition: boolean
  version: number
}

export interface NewQueue {
  name: string
  channels?: string[]
  service_target_seconds?: number
  service_level_percent?: number
  offer_seconds?: number
  team_id?: Id | null
  member_ids?: Id[]
}

export interface QueuePatch {
  version: number
  name?: string
  channels?: string[]
  service_target_seconds?: number
  service_level_percent?: number
  offer_seconds?: number
  team_id?: Id | null
  is_default?: boolean
  member_ids?: Id[]
}

export interface SentenceView {
  key: string
  params: Record<string, unknown>
  text: string
}

export interface OfferView {
  id: Id
  contact: ContactView
  expires_at: IsoTime
  why: SentenceView[]
}

export interface WorkView {
  offers: OfferView[]
  contacts: ContactView[]
  presence: PresenceView
}

export interface QueueFigures {
  queue_id: Id
  name: string
  waiting: number
  /** Arrival of the contact that waits longest. */
  oldest: IsoTime | null
  offered_now: number
  active_now: number
  service_target_seconds: number
  service_level_percent: number
  agents_available: number
}

export interface AgentFigures {
  agent_id: Id
  name: string
  presence: PresenceView
  active: Record<string, number>
  capacity: Record<string, number>
  contacts: ContactView[]
}

export interface FloorView {
  seq: number
  queues: QueueFigures[]
  agents: AgentFigures[]
  /** Longest waiting first; a bounded page. */
  waiting: ContactView[]
}

export interface AssignContact {
  agent_id: Id
}

export interface MoveContact {
  queue_id: Id
}

export interface WhyView {
  contact: ContactView
  sentences: SentenceView[]
  facts: Record<string, unknown>
}

// Channels

export interface AccountRemoved {
  archived: boolean
}

export interface AccountView {
  id: Id
  kind: ChannelKind
  name: string
  public_key: string
  enabled: boolean
  settings: Record<string, unknown>
  secrets_set: string[]
  queue_id: Id | null
  health: string
  health_detail: string
  health_at: IsoTime | null
  last_in_at: IsoTime | null
  last_out_at: IsoTime | null
  version: number
}

export interface TroubleView {
  at: IsoTime
  way: 'in' | 'out'
  words: string
  ticket_id: Id | null
}

/** How an account fares now and fared in the last 24 hours. */
export interface AccountHealthView {
  account_id: Id
  waiting: number
  oldest_at: IsoTime | null
  held: number
  failed: number
  uncertain: number
  dead: number
  /** By hour, the oldest of 24 first. */
  received: number[]
  sent: number[]
  troubles: TroubleView[]
  at: IsoTime
}

export interface NewAccount {
  kind: ChannelKind
  name: string
  settings: Record<string, unknown>
  secrets?: Record<string, string>
  queue_id?: Id | null
  enabled?: boolean
}

export interface AccountPatch {
  version: number
  name?: string
  settings?: Record<string, unknown>
  secrets?: Record<string, string>
  queue_id?: Id | null
  enabled?: boolean
}

export interface AccountCheck {
  kind: ChannelKind
  settings: Record<string, unknown>
  secrets?: Record<string, string>
  /** Secrets left out are taken from this saved account. */
  account_id?: Id | null
}

export interface CheckStepView {
  name: string
  ok: boolean
  detail: string
  cure: string
}

export interface CheckView {
  ok: boolean
  steps: CheckStepView[]
}

export interface DeadLetterView {
  id: Id
  account_id: Id
  account_name: string
  external_id: string
  received_at: IsoTime
  attempts: number
  error: string
  size: number
}

// Knowledge base

export interface CategoryView {
  id: Id
  names: Record<string, string>
  position: number
}

export interface NewCategory {
  names: Record<string, string>
  position?: number
}

export interface ArticleTextView {
  locale: Locale
  title: string
  markdown: string
  html: string
}

export interface ArticleView {
  id: Id
  slug: string
  category_id: Id | null
  visibility: 'internal' | 'public'
  state: 'draft' | 'published'
  texts: ArticleTextView[]
  created_at: IsoTime
  updated_at: IsoTime
  version: number
}

export interface ArticleTextBody {
  locale: Locale
  title: string
  markdown: string
}

export interface NewArticle {
  texts: ArticleTextBody[]
  slug?: string
  category_id?: Id | null
  visibility?: 'internal' | 'public'
}

export interface ArticlePatch {
  version: number
  texts?: ArticleTextBody[]
  slug?: string
  category_id?: Id | null
  visibility?: 'internal' | 'public'
  state?: 'draft' | 'published'
}

export interface RevisionView {
  id: Id
  locale: string
  title: string
  markdown: string
  edited_by: Id
  edited_at: IsoTime
}

export interface Suggestion {
  article: ArticleBrief
  score: number
  linked: boolean
  /** Ready to be inserted into an answer. */
  html: string
}

// The center itself

export type WelcomeStep = 'company' | 'channel' | 'colleague' | 'message'

export interface CenterView {
  company: string
  default_locale: Locale
  /** The steps of the first hour that were done or skipped. */
  steps: WelcomeStep[]
  welcomed: boolean
  samples: boolean
  /** Agents see which supervisor reads their conversation along. */
  tells_reading: boolean
  quiet_hours: QuietHours | null
}

/** When nobody is written to or called first, in minutes of the client's day. */
export interface QuietHours {
  begins: number
  ends: number
  /** Of clients whose own is not known. */
  timezone: string
}

export interface CenterPatch {
  company?: string
  default_locale?: Locale
  steps?: WelcomeStep[]
  welcomed?: boolean
  tells_reading?: boolean
  quiet_hours?: QuietHours | null
}

/** How many of each kind came or went; `kept` stayed, since real work hangs on them. */
export interface SamplesView {
  gone: Record<string, number>
  added: Record<string, number>
  kept: Record<string, number>
}

// Errors

export interface ErrorView {
  error: string
  message: string
  field: string
  reason?: string
}
