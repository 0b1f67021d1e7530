"""What can happen to a ticket."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.entries import Entry


class TicketOpened(Entry, frozen=True, kw_only=True):
    number: int
    subject: str
    client_name: str
    channel: str
    preview: str


class MessageAdded(Entry, frozen=True, kw_only=True):
    message_id: UUID
    kind: str
    channel: str
    author_name: str
    preview: str
    state: str


class MessageStateChanged(Entry, frozen=True, kw_only=True):
    message_id: UUID
    state: str
    reason: str


class TicketChanged(Entry, frozen=True, kw_only=True):
    """`changes` maps a field to its old and new value."""

    changes: dict[str, list[Any]]


class TicketLinkedArticle(Entry, frozen=True, kw_only=True):
    article_id: UUID
    linked: bool


class TicketRated(Entry, frozen=True, kw_only=True):
    """The client said how the help was, from 1 to 5; `before` is what they had said."""

    score: int
    before: int | None
    comment: str


class Mentioned(Entry, frozen=True, kw_only=True):
    """An agent was named in a note; told to that agent only."""

    message_id: UUID
    by: str


class CannedReplyChanged(Entry, frozen=True, kw_only=True):
    canned_reply_id: UUID


class TicketSnoozed(Entry, frozen=True, kw_only=True):
    until: datetime | None
    on_reply: bool


class TicketWoken(Entry, frozen=True, kw_only=True):
    """`reason` is `time`, `reply`, `agent` or `done`."""

    reason: str


class SavedViewChanged(Entry, frozen=True, kw_only=True):
    view_id: UUID
