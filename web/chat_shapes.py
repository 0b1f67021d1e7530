"""What a widget may say to us and what it is told; an unknown field is refused."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from channels.webchat.markup import Element
from desk.chat_conversations import ChatCase
from desk.chat_history import ChatLine
from kernel.limits import (
    CHAT_ATTRIBUTES,
    CHAT_IDENTITY_CHARS,
    CHAT_TEXT_CHARS,
    CHAT_UPLOADS_PER_MESSAGE,
    NAME_CHARS,
    RATING_COMMENT_CHARS,
)
from web.shapes import Body, Locale, Settings, View

Token = Annotated[str, Meta(min_length=1, max_length=100)]
Text = Annotated[str, Meta(max_length=CHAT_TEXT_CHARS)]
FileIds = Annotated[tuple[UUID, ...], Meta(max_length=CHAT_UPLOADS_PER_MESSAGE)]


class NewSession(Body):
    token: Token | None = None
    identity: Annotated[str, Meta(max_length=CHAT_IDENTITY_CHARS)] | None = None
    locale: Annotated[str, Meta(max_length=40)] = ""
    page: Annotated[str, Meta(max_length=2_000)] = ""
    challenge: Annotated[str, Meta(max_length=200)] = ""
    answer: Annotated[str, Meta(max_length=40)] = ""
    """The proof of work, where the center asked for one."""
    consent: bool = False
    """The visitor has agreed, where the widget asks."""


class Say(Body):
    """One message. Who wrote it and when is not the browser's to say."""

    id: UUID
    text: Text
    attachment_ids: FileIds = ()
    conversation: UUID | None = None
    """Which of several conversations it belongs to; without it the latest."""
    greeting: Annotated[str, Meta(max_length=40)] = ""
    """The rule whose greeting it answers."""
    begins: UUID | None = None
    """The browser's own id of a conversation that its first message begins."""


class Rate(Body):
    conversation: UUID
    score: Annotated[int, Meta(ge=1, le=5)]
    comment: Annotated[str, Meta(max_length=RATING_COMMENT_CHARS)] = ""


class Seen(Body):
    message_id: UUID


class Typing(Body):
    typing: bool


class Details(Body):
    name: Annotated[str, Meta(max_length=NAME_CHARS)] = ""
    email: Annotated[str, Meta(max_length=254)] = ""


FactName = Annotated[
    str, Meta(pattern=r"^(?!(name|email|phone|locale|page)$)[a-z][a-z0-9_]{0,39}$")
]
FactValue = Annotated[str, Meta(max_length=1_000)] | int | float | bool | None


class Facts(Body):
    """What the page knows of the visitor; null takes a fact back."""

    attributes: Annotated[dict[FactName, FactValue], Meta(max_length=CHAT_ATTRIBUTES)]


class PreChatView(View):
    name: str
    email: str


class UploadLimits(View):
    bytes: int
    per_message: int


class LauncherView(View):
    icon: str
    text: str
    side: int
    bottom: int


class ArticleFound(View):
    slug: str
    title: str
    excerpt: str


class ArticlesView(View):
    items: list[ArticleFound]


class ArticleView(View):
    slug: str
    title: str
    locale: str
    body: list[Element | str]
    url: str
    """The same article in the help center."""


class GreetingView(View):
    id: str
    page: str
    seconds: int
    visitors: str
    text: str
    choices: list[str]


class ChallengeView(View):
    challenge: str
    """It begins with the number of zero bits that are asked for."""


class ConsentView(View):
    text: str
    url: str


class WidgetView(View):
    """How the widget looks and speaks here; the same for everybody."""

    title: str
    greeting: str
    greeting_choices: list[str]
    placeholder: str
    offline: str
    colour: str
    colour_dark: str
    theme: str
    position: str
    launcher: LauncherView
    locale: str
    online: bool
    identity_required: bool
    pre_chat: PreChatView
    continues_by_mail: bool
    upload: UploadLimits
    text_chars: int
    greetings: list[GreetingView]
    consent: ConsentView | None
    """What must be agreed to before anything is stored."""
    storage: str
    rating: bool
    articles: bool
    """There are public articles to search."""


class PreviewWidget(Body):
    """Settings that are being edited, to be looked at before they are saved."""

    settings: Settings
    locale: Locale = "en"


class VisitorView(View):
    id: UUID
    name: str
    email: str
    verified: bool


class SessionView(View):
    token: str
    visitor: VisitorView
    messages: list[ChatLine]
    conversations: list[ChatCase]
    cursor: int
    earlier: bool
    online: bool


class ConversationsView(View):
    items: list[ChatCase]


class MessagesView(View):
    items: list[ChatLine]
    cursor: int
    more: bool


class KeptView(View):
    """The center keeps the message: it is committed."""

    id: UUID
    at: datetime
    conversation: UUID | None = None
    """Where it went, when it named or began a conversation."""


class UploadView(View):
    id: UUID
    name: str
    media_type: str
    size: int
    image: bool


# --- Frames of the socket -------------------------------------------------------------------


class Frame(Struct, forbid_unknown_fields=True, kw_only=True, tag_field="type"):
    """Base of what a page sends over its socket."""


class HelloFrame(Frame, tag="hello"):
    token: Token
    after: Annotated[int, Meta(ge=0)] | None = None


class MessageFrame(Frame, tag="message"):
    id: UUID
    text: Text
    attachment_ids: FileIds = ()
    conversation: UUID | None = None
    begins: UUID | None = None
    greeting: Annotated[str, Meta(max_length=40)] = ""


class TypingFrame(Frame, tag="typing"):
    typing: bool


class ReadFrame(Frame, tag="read"):
    message_id: UUID


class ReceivedFrame(Frame, tag="received"):
    message_id: UUID


class PingFrame(Frame, tag="ping"):
    pass


PageFrame = MessageFrame | TypingFrame | ReadFrame | ReceivedFrame | PingFrame


class Welcome(Struct, kw_only=True, tag_field="type", tag="welcome"):
    visitor: VisitorView
    messages: list[ChatLine]
    conversations: list[ChatCase]
    cursor: int
    earlier: bool
    online: bool


class Ack(Struct, kw_only=True, tag_field="type", tag="ack"):
    id: UUID
    at: datetime
    conversation: UUID | None = None


class Refused(Struct, kw_only=True, tag_field="type", tag="refused"):
    id: UUID | None
    error: str
    message: str
    retry: bool


class Echo(Struct, kw_only=True, rename={"sender": "from"}):
    """A visitor's own message, told to the other pages on which they have the chat open."""

    id: str
    client_id: UUID
    sender: Literal["visitor"] = "visitor"
    name: str = ""
    text: str
    conversation: UUID | None
    read: bool = True
    choices: list[str] = []
    at: datetime
    files: list[UploadView]
