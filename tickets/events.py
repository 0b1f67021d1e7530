"""What can happen to a ticket."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.journal import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketOpened(Entry):
    number: int
    subject: str
    client_name: str
    channel: str
    preview: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAdded(Entry):
    message_id: UUID
    kind: str
    channel: str
    author_name: str
    preview: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageStateChanged(Entry):
    message_id: UUID
    state: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketChanged(Entry):
    """`changes` maps a field to its old and new value."""

    changes: dict[str, list[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketLinkedArticle(Entry):
    article_id: UUID
    linked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRated(Entry):
    """The client said how the help was, from 1 to 5; `before` is what they had said."""

    score: int
    before: int | None
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentioned(Entry):
    """An agent was named in a note; told to that agent only."""

    message_id: UUID
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CannedReplyChanged(Entry):
    canned_reply_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketSnoozed(Entry):
    until: datetime | None
    on_reply: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketWoken(Entry):
    """`reason` is `time`, `reply`, `agent` or `done`."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedViewChanged(Entry):
    view_id: UUID
