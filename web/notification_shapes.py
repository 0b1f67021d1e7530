"""What the API takes and gives about notifications: the list, what is read, what one chose."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, field

from desk.notifications.choices import Choices, Event
from kernel.limits import HTTP_URL_CHARS
from web.shapes import Body, Cursor, Ids, View


class TicketLink(View):
    id: UUID
    number: int
    subject: str


class NotificationView(View):
    id: UUID
    event: Event
    at: datetime
    read: bool
    name: str
    """Who did it, or who wrote; may be empty."""
    detail: str
    ticket: TicketLink | None
    """Where it leads; a contact leads to one's work, a dead letter to the list of those."""


class NotificationPage(View):
    items: list[NotificationView]
    next: str | None
    unread: int
    """How many are new in all, counted up to 100."""


class NotificationQuery(Body):
    cursor: Cursor | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 30
    unread: bool = False
    """Only the new ones."""


class ReadNotifications(Body):
    ids: Ids = field(default_factory=list)
    until: Annotated[datetime, Meta(tz=True)] | None = None
    """Everything up to the moment of the newest one shown."""


class UnreadView(View):
    unread: int


class NotificationChoices(View):
    chosen: bool
    """False: nothing was ever chosen, `choices` is the usual."""
    choices: Choices


class PushKeyView(View):
    public_key: str
    """What a browser is told of us when it subscribes: URL-safe base64 of a P-256 point."""


class PushKeys(Body):
    p256dh: Annotated[str, Meta(min_length=1, max_length=200)]
    auth: Annotated[str, Meta(min_length=1, max_length=100)]


class NewPushSubscription(Body):
    endpoint: Annotated[str, Meta(min_length=1, max_length=HTTP_URL_CHARS)]
    """Begins with https://."""
    keys: PushKeys


class PushSubscriptionView(View):
    id: UUID
    browser: str
    created_at: datetime
    here: bool
    """It is the browser that asks."""
