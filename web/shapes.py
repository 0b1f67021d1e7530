"""What the REST API takes and gives. Bodies are strict: an unknown field is refused."""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

from channels.catalogue import CHANNELS
from kernel.limits import (
    NAME_CHARS,
    PASSWORD_CHARS_MAX,
    PASSWORD_CHARS_MIN,
    PRESENCE_NOTE_CHARS,
    SUBJECT_CHARS,
    TEMPLATE_VALUE_CHARS,
    TEMPLATE_VARIABLES,
    TEXT_CHARS,
    UPLOADS_PER_MESSAGE,
)

Name = Annotated[str, Meta(min_length=1, max_length=NAME_CHARS)]
Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
Password = Annotated[str, Meta(min_length=PASSWORD_CHARS_MIN, max_length=PASSWORD_CHARS_MAX)]
Subject = Annotated[str, Meta(min_length=1, max_length=SUBJECT_CHARS)]
Text = Annotated[str, Meta(max_length=TEXT_CHARS)]
VariableKey = Annotated[str, Meta(max_length=90)]
VariableValue = Annotated[str, Meta(max_length=TEMPLATE_VALUE_CHARS)]
Tag = Annotated[str, Meta(min_length=1, max_length=40)]
Word = Annotated[str, Meta(max_length=80)]
"""A name of something in a list of ours: a permission, a channel, a setting."""
Ids = Annotated[list[UUID], Meta(max_length=1_000)]
Words = Annotated[list[Word], Meta(max_length=100)]
Version = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Cursor = Annotated[str, Meta(max_length=1_000)]
Capacity = Annotated[dict[Word, Annotated[int, Meta(ge=0, le=100)]], Meta(max_length=20)]
Settings = Annotated[dict[Word, Any], Meta(max_length=100)]
Secrets = Annotated[dict[Word, Annotated[str, Meta(max_length=10_000)]], Meta(max_length=20)]
Locale = Literal["en", "uk", "ru"]
TicketStatus = Literal["new", "open", "waiting", "solved", "closed"]
Priority = Literal["low", "normal", "high", "urgent"]
PresenceState = Literal["available", "away", "offline"]
ContactState = Literal[
    "queued", "offered", "active", "wrap_up", "closed", "abandoned", "flowed_out"
]
MessageState = Literal[
    "received",
    "scheduled",
    "paused",
    "pending",
    "sent",
    "delivered",
    "read",
    "failed",
    "uncertain",
    "withdrawn",
    "noted",
]


class Body(Struct, forbid_unknown_fields=True, kw_only=True):
    """Base of everything a caller sends."""


class View(Struct, kw_only=True):
    """Base of everything the API answers."""


T = TypeVar("T")


class Page(Struct, Generic[T]):
    """One page of a list; `next` is the cursor of the page after it, absent on the last."""

    items: list[T]
    next: str | None = None


class Done(View):
    ok: bool = True


# --- People who work here -------------------------------------------------------------------


class SignIn(Body):
    email: Annotated[str, Meta(max_length=254)]
    password: Annotated[str, Meta(max_length=PASSWORD_CHARS_MAX)]


class FirstAgent(Body):
    token: Annotated[str, Meta(max_length=200)]
    """Printed on the server's console at its first start."""
    name: Name
    email: Email
    password: Password
    locale: Locale = "en"


class SetupView(View):
    needed: bool


class TeamView(View):
    id: UUID
    name: str
    member_ids: list[UUID]


class RoleView(View):
    id: UUID
    name: str
    permissions: list[str]
    builtin: bool


class PermissionView(View):
    name: str
    meaning: str


class PresenceView(View):
    agent_id: UUID
    state: PresenceState
    reason: str
    since: datetime


AgentPhone = Annotated[
    str, Meta(max_length=160, pattern=r"^(\+[1-9][0-9 ().-]{5,24}|sips?:[^@\s]+@[^@\s]+|browser|)$")
]
"""An agent's own telephone: `+` and digits, a SIP address, or `browser`; empty: none."""


class AgentView(View):
    id: UUID
    name: str
    email: str
    role_id: UUID
    role: str
    active: bool
    locale: str
    signature: str
    capacity: dict[str, int]
    phone: str
    """Where calls reach them; empty: nowhere."""
    team_ids: list[UUID]
    version: int


class Me(View):
    agent: AgentView
    permissions: list[str]
    presence: PresenceView
    session_id: UUID | None
    company: str
    undo_seconds: float
    seq: int
    """How far the journal is: a console that listens from there on misses nothing."""


class NewAgent(Body):
    name: Name
    email: Email
    password: Password
    role_id: UUID
    locale: Locale = "en"
    team_ids: Ids = []
    capacity: Capacity = {}


class AgentPatch(Body):
    version: Version
    name: Name | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    password: Password | UnsetType = UNSET
    role_id: UUID | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    locale: Locale | UnsetType = UNSET
    signature: Annotated[str, Meta(max_length=5_000)] | UnsetType = UNSET
    team_ids: Ids | UnsetType = UNSET
    capacity: Capacity | UnsetType = UNSET
    phone: AgentPhone | UnsetType = UNSET


class MePatch(Body):
    name: Name | UnsetType = UNSET
    locale: Locale | UnsetType = UNSET
    signature: Annotated[str, Meta(max_length=5_000)] | UnsetType = UNSET
    phone: AgentPhone | UnsetType = UNSET
    old_password: Annotated[str, Meta(max_length=PASSWORD_CHARS_MAX)] | UnsetType = UNSET
    new_password: Password | UnsetType = UNSET


class NewTeam(Body):
    name: Name
    member_ids: Ids = []


class TeamPatch(Body):
    name: Name | UnsetType = UNSET
    member_ids: Ids | UnsetType = UNSET


class NewRole(Body):
    name: Name
    permissions: Words


class RolePatch(Body):
    name: Name | UnsetType = UNSET
    permissions: Words | UnsetType = UNSET


class PresenceChange(Body):
    state: PresenceState
    reason: Annotated[str, Meta(max_length=80)] = ""


class ForcedPresence(PresenceChange):
    note: Annotated[str, Meta(max_length=PRESENCE_NOTE_CHARS)] = ""
    """Told to the agent."""
    sign_out: bool = False
    """End the agent's sessions as well; only with `offline`."""


class SessionView(View):
    id: UUID
    created_at: datetime
    seen_at: datetime
    address: str
    browser: str
    current: bool


class NewToken(Body):
    name: Name
    scopes: Words
    days: Annotated[int, Meta(ge=1, le=730)] = 90


class TokenView(View):
    id: UUID
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    token: str | None = None
    """Shown once, in the answer to its creation."""


# --- Clients --------------------------------------------------------------------------------


class IdentityView(View):
    id: UUID
    channel: str
    handle: str
    name: str
    verified: bool
    unreachable: str | None
    """Why nothing that we send reaches them there any more."""
    opted_out: bool
    """They asked us not to write there; nothing is sent until they allow it again."""


class ClientBrief(View):
    id: UUID
    name: str
    kind: str
    email: str | None
    blocked: bool
    left_alone: bool
    """We write to them only in answer to their own words."""


class ListedClient(ClientBrief):
    """With the channels they are known on, since many have neither address nor number."""

    phone: str | None
    channels: list[str]


class NoteView(View):
    id: UUID
    author_id: UUID
    text: str
    created_at: datetime


class MergeView(View):
    id: UUID
    source_id: UUID
    source_name: str
    merged_at: datetime
    merged_by: UUID


class ClientView(View):
    id: UUID
    kind: Literal["person", "organisation"]
    name: str
    email: str | None
    phone: str | None
    locale: str | None
    organisation: ClientBrief | None
    members: list[ClientBrief]
    attributes: dict[str, Any]
    identities: list[IdentityView]
    notes: list[NoteView]
    merges: list[MergeView]
    blocked: bool
    left_alone: bool
    """We write to them only in answer to their own words."""
    created_at: datetime
    version: int


class NewClient(Body):
    name: Name
    kind: Literal["person", "organisation"] = "person"
    email: Email | None = None
    phone: Annotated[str, Meta(max_length=40)] | None = None
    organisation_id: UUID | None = None


class ClientPatch(Body):
    version: Version
    name: Name | UnsetType = UNSET
    email: Email | UnsetType | None = UNSET
    phone: Annotated[str, Meta(max_length=40)] | UnsetType | None = UNSET
    locale: Locale | UnsetType | None = UNSET
    organisation_id: UUID | UnsetType | None = UNSET
    blocked: bool | UnsetType = UNSET
    left_alone: bool | UnsetType = UNSET
    """They do not want to be written to of our own accord, on any channel."""


class NewNote(Body):
    text: Annotated[str, Meta(min_length=1, max_length=10_000)]


class MergeRequest(Body):
    source_id: UUID


class SharedView(View):
    kind: Literal["email", "phone"]
    value: str
    proven: bool
    """Both wrote from it; false: at least one of them only told it."""


class LikelyView(View):
    """Another client who may be the same person."""

    client: ClientBrief
    shared: list[SharedView]


class UnlikeRequest(Body):
    other_id: UUID


class TimelineItem(View):
    at: datetime
    kind: Literal["ticket", "message", "note", "contact", "merge", "planned", "wish"]
    title: str
    detail: str
    ticket_id: UUID | None = None
    channel: str | None = None
    planned: bool = False


# --- Tickets --------------------------------------------------------------------------------


class PartyView(Struct):
    handle: str
    name: str = ""


class PartyBody(Body):
    handle: Annotated[str, Meta(min_length=1, max_length=254)]
    name: Annotated[str, Meta(max_length=NAME_CHARS)] = ""


Parties = Annotated[list[PartyBody], Meta(max_length=100)]


class AttachmentView(View):
    id: UUID
    name: str
    media_type: str
    size: int
    inline: bool
    content_id: str | None
    url: str


class MessageView(View):
    id: UUID
    ticket_id: UUID
    kind: Literal["inbound", "outbound", "note", "whisper"]
    channel: str
    author_name: str
    author_handle: str
    author_agent_id: UUID | None
    author_client_id: UUID | None
    subject: str | None
    text: str
    quoted: str
    answers: UUID | None
    """The message of this ticket that the client answered or put a sign on, where their messenger
    says which."""
    has_html: bool
    """Its sanitised HTML is at `/api/v1/messages/{id}/html`, for a sandboxed frame only."""
    to: list[PartyView]
    cc: list[PartyView]
    reply_to: list[PartyView]
    mentions: list[str]
    automatic: str | None
    """Why no person wrote it: `auto_reply`, `command`, `menu` of what the center itself says …"""
    choice: str | None
    """The words of the menu's option that the client chose with it."""
    sender_proven: bool
    unverified_claim: UUID | None
    warnings: list[str]
    state: MessageState
    state_reason: str
    undo_until: datetime | None
    created_at: datetime
    sent_at: datetime | None
    attachments: list[AttachmentView]
    call_id: UUID | None = None
    """The call that it stands for."""


class SnoozeView(View):
    """Put aside: until a moment, until the client writes, or whichever comes first."""

    until: datetime | None
    on_reply: bool
    agent_id: UUID
    since: datetime


class TicketBrief(View):
    id: UUID
    number: int
    subject: str
    status: TicketStatus
    priority: Priority
    channel: str
    client_id: UUID
    client_name: str
    assignee_id: UUID | None
    team_id: UUID | None
    queue_id: UUID | None
    tags: list[str]
    preview: str
    awaiting_answer: bool
    created_at: datetime
    last_activity_at: datetime
    version: int
    unread: int = 0
    """How many messages the reader has not seen; counted up to 99."""
    mentioned: bool = False
    """A note names the reader, and they have not read it."""
    snooze: SnoozeView | None = None


class CompanionView(View):
    """Who is beside the agent at a running contact."""

    agent_id: UUID
    name: str
    mode: Literal["reading", "joined"]
    told: bool
    """The agent who has the contact sees it."""
    since: datetime


class CallbackNote(View):
    """The client of this contact is to be called back."""

    id: UUID
    number: str
    note: str


class ContactView(View):
    id: UUID
    ticket_id: UUID
    client_id: UUID
    queue_id: UUID
    channel: str
    state: ContactState
    agent_id: UUID | None
    virtual_arrival: datetime
    entered_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    wrap_up_until: datetime | None = None
    """When wrap-up ends by itself, if it does."""
    pinned_to: UUID | None = None
    """Who alone may have it."""
    ticket_number: int | None = None
    subject: str = ""
    client_name: str = ""
    preview: str = ""
    companions: list[CompanionView] = field(default_factory=list)
    """Who reads along or takes part, as far as the reader may know."""
    callback: CallbackNote | None = None
    chosen: str = ""
    """What the client chose in a menu to come into this queue."""


class ArticleBrief(View):
    id: UUID
    slug: str
    title: str
    locale: str
    visibility: Literal["internal", "public"]
    state: Literal["draft", "published"]
    category_id: UUID | None
    excerpt: str
    updated_at: datetime


class RatingView(View):
    score: int
    """From 1 to 5."""
    comment: str
    rated_at: datetime


class TicketView(View):
    ticket: TicketBrief
    rating: RatingView | None
    """What the client thought of the help."""
    account_id: UUID | None
    recipient: PartyView
    follows: TicketBrief | None
    followed_by: list[TicketBrief]
    contact: ContactView | None
    client: ClientView
    messages: list[MessageView]
    """The newest page of the thread, oldest first."""
    older: str | None
    """Cursor of the page before it."""
    articles: list[ArticleBrief]


class TemplateChoice(Body):
    """An approved text and what its variables stand for; it is sent instead of `html`."""

    id: UUID
    values: Annotated[dict[VariableKey, VariableValue], Meta(max_length=TEMPLATE_VARIABLES)] = {}


class NewTicket(Body):
    id: UUID
    """Of its first message, chosen by the caller (UUIDv7): the same again is the same ticket."""
    subject: Subject
    client_id: UUID
    account_id: UUID
    recipient: PartyBody
    html: Text
    cc: Parties = []
    attachment_ids: Annotated[list[UUID], Meta(max_length=UPLOADS_PER_MESSAGE)] = []
    template: TemplateChoice | None = None


class TicketPatch(Body):
    version: Version
    subject: Subject | UnsetType = UNSET
    status: TicketStatus | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    assignee_id: UUID | UnsetType | None = UNSET
    team_id: UUID | UnsetType | None = UNSET
    tags: Annotated[list[Tag], Meta(max_length=30)] | UnsetType = UNSET


class NewMessage(Body):
    id: UUID
    """Chosen by the caller (UUIDv7): the same one again is the same message."""
    kind: Literal["reply", "note"]
    html: Text
    account_id: UUID | None = None
    """Another channel of the client; absent: the way the last word came."""
    to: Parties | None = None
    cc: Parties = []
    attachment_ids: Annotated[list[UUID], Meta(max_length=UPLOADS_PER_MESSAGE)] = []
    article_ids: Annotated[list[UUID], Meta(max_length=20)] = []
    mentions: Annotated[list[UUID], Meta(max_length=30)] = []
    set_status: TicketStatus | None = None
    after_message_id: UUID | None = None
    """The newest message the writer has seen; a newer one from the client is a conflict."""
    send_at: Annotated[datetime, Meta(tz=True)] | None = None
    """Of an answer: leave it for this moment."""
    unless_client_writes: bool = False
    """Of an answer for later: pause it when the client writes before."""
    template: TemplateChoice | None = None
    """Of an answer: what the provider has approved, which may be sent out of the window, too."""


class PlanParty(View):
    handle: str
    name: str
    new: bool
    """Not yet part of this conversation: ask before sending."""


class ChannelLimits(View):
    """What one message may hold there; texts are counted in UTF-16 units."""

    text_chars: int
    beside_files_chars: int
    files: int
    file_bytes: int
    all_files_bytes: int
    formatting: Literal["plain", "rich"]
    counting: Literal["characters", "segments"]
    """Show how many of these a text takes; segments are those of SMS."""


class ReplyRoute(View):
    account_id: UUID
    channel: str
    name: str
    recipient: PartyView
    limits: ChannelLimits
    forbidden: bool
    """The client asked us not to write there; an answer is refused until they allow it again."""
    open_until: datetime | None
    """Where the provider lets us write freely only for a while: until when. After that an answer
    is refused, or must be a template."""
    templates: bool
    """It takes approved templates, whenever they are sent."""


class ReplyPlan(View):
    route: ReplyRoute | None
    routes: list[ReplyRoute]
    to: list[PlanParty]
    cc: list[PlanParty]
    all_to: list[PlanParty]
    all_cc: list[PlanParty]
    warnings: list[str]


class PreviewBody(Body):
    html: Text
    account_id: UUID | None = None
    to: Parties | None = None
    cc: Parties = []
    attachment_ids: Annotated[list[UUID], Meta(max_length=UPLOADS_PER_MESSAGE)] = []


class PreviewView(View):
    """What the client would get."""

    channel: str
    sender: str
    to: list[PartyView]
    cc: list[PartyView]
    subject: str | None
    html: str
    """Sanitised, with the signature; for a sandboxed frame only."""


class DraftBody(Body):
    html: Text
    kind: Literal["reply", "note"] = "reply"
    attachment_ids: Annotated[list[UUID], Meta(max_length=UPLOADS_PER_MESSAGE)] = []
    version: Version = 0


class DraftView(View):
    html: str
    kind: Literal["reply", "note"]
    attachment_ids: list[UUID]
    updated_at: datetime
    version: int


class HistoryItem(View):
    seq: int
    at: datetime
    kind: str
    actor_id: UUID | None
    actor_name: str
    data: dict[str, Any]


class CannedReplyView(View):
    id: UUID
    shortcut: str
    title: str
    html: str
    team_id: UUID | None
    version: int


class NewCannedReply(Body):
    shortcut: Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[\w-]+$")]
    title: Name
    html: Annotated[str, Meta(max_length=50_000)]
    team_id: UUID | None = None


class CannedReplyPatch(Body):
    version: Version
    shortcut: Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[\w-]+$")] | UnsetType = (
        UNSET
    )
    title: Name | UnsetType = UNSET
    html: Annotated[str, Meta(max_length=50_000)] | UnsetType = UNSET
    team_id: UUID | UnsetType | None = UNSET


class RenderedReply(View):
    html: str


class ViewCount(View):
    view: str
    """The name of a ready-made view, or the id of a saved one."""
    count: int
    """Counted up to 1,000."""
    unread: int = 0
    """Of one's own tickets: how many hold something new."""


class SearchHit(View):
    ticket: TicketBrief
    snippet: str


# --- Queues, work, the floor ----------------------------------------------------------------


class QueueView(View):
    id: UUID
    name: str
    channels: list[str]
    service_target_seconds: int
    service_level_percent: int
    offer_seconds: int
    team_id: UUID | None
    is_default: bool
    member_ids: list[UUID]
    wrap_up: bool
    """Whether agents say how a contact ended before it is closed."""
    wrap_up_seconds: int | None
    needs_disposition: bool
    version: int


class NewQueue(Body):
    name: Name
    channels: Words = field(default_factory=lambda: list(CHANNELS))
    service_target_seconds: Annotated[int, Meta(ge=5, le=604_800)] = 3_600
    service_level_percent: Annotated[int, Meta(ge=1, le=100)] = 80
    offer_seconds: Annotated[int, Meta(ge=5, le=600)] = 30
    team_id: UUID | None = None
    member_ids: Ids = []


class QueuePatch(Body):
    version: Version
    name: Name | UnsetType = UNSET
    channels: Words | UnsetType = UNSET
    service_target_seconds: Annotated[int, Meta(ge=5, le=604_800)] | UnsetType = UNSET
    service_level_percent: Annotated[int, Meta(ge=1, le=100)] | UnsetType = UNSET
    offer_seconds: Annotated[int, Meta(ge=5, le=600)] | UnsetType = UNSET
    team_id: UUID | UnsetType | None = UNSET
    is_default: bool | UnsetType = UNSET
    member_ids: Ids | UnsetType = UNSET


class SentenceView(View):
    """A reason as a message key with its parameters, and in plain English."""

    key: str
    params: dict[str, Any]
    text: str


class OfferView(View):
    id: UUID
    contact: ContactView
    expires_at: datetime
    why: list[SentenceView]


class WorkView(View):
    """Everything on my desk: what rings and what I am working on."""

    offers: list[OfferView]
    contacts: list[ContactView]
    presence: PresenceView


class QueueFigures(View):
    queue_id: UUID
    name: str
    waiting: int
    oldest: datetime | None
    """Arrival of the contact that waits longest."""
    offered_now: int
    active_now: int
    service_target_seconds: int
    service_level_percent: int
    agents_available: int


class AgentFigures(View):
    agent_id: UUID
    name: str
    presence: PresenceView
    active: dict[str, int]
    capacity: dict[str, int]
    contacts: list[ContactView]


class FloorView(View):
    seq: int
    queues: list[QueueFigures]
    agents: list[AgentFigures]
    waiting: list[ContactView]
    """Longest waiting first; a bounded page."""


class AssignContact(Body):
    agent_id: UUID


class MoveContact(Body):
    queue_id: UUID


class WhyView(View):
    contact: ContactView
    sentences: list[SentenceView]
    facts: dict[str, Any]


# --- Channels -------------------------------------------------------------------------------


ChannelKind = Annotated[str, Meta(pattern=f"^({'|'.join(CHANNELS)})$")]


class AccountView(View):
    """Settings as they are; secrets are write-only and show only whether they are set."""

    id: UUID
    kind: ChannelKind
    name: str
    public_key: str
    enabled: bool
    settings: dict[str, Any]
    secrets_set: list[str]
    queue_id: UUID | None
    health: str
    health_detail: str
    health_at: datetime | None
    last_in_at: datetime | None
    last_out_at: datetime | None
    version: int


class TroubleView(View):
    at: datetime
    way: Literal["in", "out"]
    words: str
    ticket_id: UUID | None
    """Where the message that could not leave stands, for whoever may see it."""


class AccountHealthView(View):
    """How an account fares now and fared during the last 24 hours."""

    account_id: UUID
    waiting: int
    """Messages that should have left by now, or that are being tried again."""
    oldest_at: datetime | None
    held: int
    failed: int
    uncertain: int
    dead: int
    received: list[int]
    """Deliveries by hour, the oldest of 24 first, the last one ending at `at`."""
    sent: list[int]
    troubles: list[TroubleView]
    at: datetime


class NewAccount(Body):
    kind: ChannelKind
    name: Name
    settings: Settings
    secrets: Secrets = {}
    queue_id: UUID | None = None
    enabled: bool = True


class AccountPatch(Body):
    version: Version
    name: Name | UnsetType = UNSET
    settings: Settings | UnsetType = UNSET
    secrets: Secrets | UnsetType = UNSET
    queue_id: UUID | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET


class AccountRemoved(View):
    archived: bool
    """It was used, so its history is kept; false: nothing of it is left."""


class AccountCheck(Body):
    kind: ChannelKind
    settings: Settings
    secrets: Secrets = {}
    account_id: UUID | None = None
    """Secrets left out are taken from this saved account, for the places they were saved for."""


class CheckStepView(View):
    name: str
    ok: bool
    detail: str
    cure: str


class CheckView(View):
    ok: bool
    steps: list[CheckStepView]


class DeadLetterView(View):
    id: UUID
    account_id: UUID
    account_name: str
    external_id: str
    received_at: datetime
    attempts: int
    error: str
    size: int


# --- Knowledge base -------------------------------------------------------------------------


class CategoryView(View):
    id: UUID
    names: dict[str, str]
    position: int


class NewCategory(Body):
    names: Annotated[dict[Word, Name], Meta(max_length=20)]
    position: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] = 0


class ArticleTextView(View):
    locale: Locale
    title: str
    markdown: str
    html: str


class ArticleView(View):
    id: UUID
    slug: str
    category_id: UUID | None
    visibility: Literal["internal", "public"]
    state: Literal["draft", "published"]
    texts: list[ArticleTextView]
    created_at: datetime
    updated_at: datetime
    version: int


class ArticleTextBody(Body):
    locale: Locale
    title: Subject
    markdown: Annotated[str, Meta(max_length=200_000)]


class NewArticle(Body):
    texts: Annotated[list[ArticleTextBody], Meta(min_length=1, max_length=10)]
    slug: Annotated[str, Meta(max_length=120, pattern=r"^[a-z0-9-]*$")] = ""
    category_id: UUID | None = None
    visibility: Literal["internal", "public"] = "internal"


class ArticlePatch(Body):
    version: Version
    texts: Annotated[list[ArticleTextBody], Meta(max_length=10)] | UnsetType = UNSET
    slug: (
        Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[a-z0-9-]+$")] | UnsetType
    ) = UNSET
    category_id: UUID | UnsetType | None = UNSET
    visibility: Literal["internal", "public"] | UnsetType = UNSET
    state: Literal["draft", "published"] | UnsetType = UNSET


class RevisionView(View):
    id: UUID
    locale: str
    title: str
    markdown: str
    edited_by: UUID
    edited_at: datetime


class Suggestion(View):
    article: ArticleBrief
    score: float
    linked: bool
    html: str
    """Ready to be inserted into an answer."""


# --- Errors ---------------------------------------------------------------------------------


class ErrorView(View):
    error: str
    message: str
    field: str = ""
    reason: str = ""
    """Which refusal exactly, as a stable word, where a screen says it in its own language."""
