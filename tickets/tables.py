"""The case: a ticket, its thread, what hangs on it, and what an agent has not sent yet."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.html import VERSION
from kernel.stored_html import UNKNOWN, up_to_date
from kernel.tables import Table


class TicketRow(Table):
    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_status_activity", "status", "last_activity_at", "id"),
        Index("ix_ticket_activity", "last_activity_at", "id"),
        Index("ix_ticket_assignee", "assignee_id", "status", "last_activity_at"),
        Index("ix_ticket_team", "team_id", "status", "last_activity_at"),
        Index("ix_ticket_client", "client_id", "last_activity_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    subject: Mapped[str]
    status: Mapped[str]
    priority: Mapped[str]
    client_id: Mapped[UUID] = mapped_column(ForeignKey("client.id"))
    assignee_id: Mapped[UUID | None]
    team_id: Mapped[UUID | None]
    queue_id: Mapped[UUID | None]
    channel: Mapped[str]
    account_id: Mapped[UUID | None]
    """Where the last word came from: an answer goes back this way unless told otherwise."""
    recipient: Mapped[dict[str, Any]]
    """The party an answer goes to on that channel: handle and name."""
    follows_id: Mapped[UUID | None] = mapped_column(ForeignKey("ticket.id"))
    created_at: Mapped[datetime]
    last_activity_at: Mapped[datetime]
    last_inbound_at: Mapped[datetime | None]
    first_answer_at: Mapped[datetime | None]
    solved_at: Mapped[datetime | None]
    preview: Mapped[str]
    awaiting_answer: Mapped[bool]
    version: Mapped[int] = mapped_column(default=1)


class TicketTagRow(Table):
    __tablename__ = "ticket_tag"

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True, index=True)


class MessageRow(Table):
    """One message of the thread.

    Its id may be chosen by who writes it, by whatever clock; its place is given by us.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("account_id", "kind", "external_id"),
        Index("ix_message_ticket", "ticket_id", "place"),
        Index("ix_message_thread_key", "thread_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[UUID]
    """A UUIDv7 made when it was stored: the order of places is the order of the thread."""
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
    kind: Mapped[str]
    """`inbound`, `outbound`, `note`, or `whisper`: a supervisor's note to who has the contact."""
    channel: Mapped[str]
    account_id: Mapped[UUID | None]
    external_id: Mapped[str | None]
    thread_key: Mapped[str | None]
    author_client_id: Mapped[UUID | None]
    author_agent_id: Mapped[UUID | None]
    author_name: Mapped[str]
    author_handle: Mapped[str]
    subject: Mapped[str | None]
    text: Mapped[str]
    quoted: Mapped[str]
    html: Mapped[str | None]
    html_version: Mapped[int] = mapped_column(default=VERSION, server_default=str(UNKNOWN))
    """The rules by which `html` was cleaned; read it as `safe_html`."""
    to: Mapped[list[dict[str, Any]]]
    cc: Mapped[list[dict[str, Any]]]
    reply_to: Mapped[list[dict[str, Any]]]
    references: Mapped[list[str]]
    mentions: Mapped[list[str]]
    automatic: Mapped[str | None]
    """Why no person wrote it; `menu` of what the center says from a flow."""
    choice: Mapped[str | None]
    """The words of the menu's option that the client chose with it."""
    sender_proven: Mapped[bool]
    unverified_claim: Mapped[UUID | None]
    """The ticket it claimed to answer although its sender takes no part there."""
    warnings: Mapped[list[str]]
    state: Mapped[str]
    state_reason: Mapped[str] = mapped_column(default="")
    delivery_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    has_files: Mapped[bool]
    said_digest: Mapped[str | None]
    """Of the request that wrote it: the same id again is the same message, or is refused."""

    @property
    def safe_html(self) -> str | None:
        """The HTML by today's rules, however long ago it was stored."""
        return None if self.html is None else up_to_date(self.html, self.html_version)


class AttachmentRow(Table):
    __tablename__ = "attachment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"), index=True)
    """Empty while uploaded and not yet sent."""
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    uploaded_by: Mapped[UUID | None]
    blob: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    content_id: Mapped[str | None]
    inline: Mapped[bool]
    created_at: Mapped[datetime]


class DraftRow(Table):
    """What one agent is writing on one ticket; kept on the server so that no word is lost."""

    __tablename__ = "draft"

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class TicketArticleRow(Table):
    """A knowledge base article that was used on a ticket."""

    __tablename__ = "ticket_article"

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    article_id: Mapped[UUID] = mapped_column(primary_key=True)
    linked_by: Mapped[UUID]
    linked_at: Mapped[datetime]


class TicketRatingRow(Table):
    """What the client thought of the help; theirs to change."""

    __tablename__ = "ticket_rating"

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    score: Mapped[int]
    comment: Mapped[str]
    rated_at: Mapped[datetime]


class CannedReplyRow(Table):
    __tablename__ = "canned_reply"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    shortcut: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    html: Mapped[str]
    html_version: Mapped[int] = mapped_column(default=VERSION, server_default=str(UNKNOWN))
    team_id: Mapped[UUID | None]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def safe_html(self) -> str:
        """The HTML by today's rules, however long ago it was stored."""
        return up_to_date(self.html, self.html_version)


class CounterRow(Table):
    """Where the ticket numbers stand."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class TicketReadRow(Table):
    """How far an agent has read a ticket: messages with a later place are new to them."""

    __tablename__ = "ticket_read"

    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    place: Mapped[UUID]
    read_at: Mapped[datetime]


class MentionRow(Table):
    """An agent who was named in a note."""

    __tablename__ = "mention"
    __table_args__ = (Index("ix_mention_agent", "agent_id", "ticket_id", "place"),)

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
    place: Mapped[UUID]
    """Of the note in its thread."""


class SnoozeRow(Table):
    """A ticket put aside until a moment, until the client writes, or until either."""

    __tablename__ = "ticket_snooze"

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    agent_id: Mapped[UUID]
    """Who put it aside."""
    since: Mapped[datetime]
    until: Mapped[datetime | None] = mapped_column(index=True)
    on_reply: Mapped[bool]
    after_message_id: Mapped[UUID | None]
    """The newest message of the client then: one after it wakes the ticket."""


class SavedViewRow(Table):
    """A list of tickets by conditions that an agent keeps, alone or for others."""

    __tablename__ = "saved_view"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    owner_id: Mapped[UUID] = mapped_column(index=True)
    audience: Mapped[str]
    """`me`, `team` or `everybody`."""
    team_id: Mapped[UUID | None] = mapped_column(index=True)
    conditions: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
