"""Visitors of a site, the files they are about to send, and the answers that went by mail."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables import Table


class ChatVisitorRow(Table):
    """One browser of one visitor. Only the hash of its token is here; the token is nowhere."""

    __tablename__ = "chat_visitor"
    __table_args__ = (
        Index("ix_chat_visitor_handle", "account_id", "handle"),
        Index("ix_chat_visitor_identity", "account_id", "identity_jti"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    handle: Mapped[str]
    """What the house knows the visitor by; a signed-in user has the same one in every browser."""
    name: Mapped[str]
    email: Mapped[str]
    verified: Mapped[bool]
    locale: Mapped[str]
    page: Mapped[str]
    attributes: Mapped[dict[str, Any]]
    """What the site's page tells of the visitor; nobody has proven it."""
    identity_jti: Mapped[str | None]
    """The signed identity this browser last showed; refused once the visitor has signed out."""
    consented_at: Mapped[datetime | None]
    """When they agreed, where the widget asks first."""
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ChatUploadRow(Table):
    """A file that waits for the message that names it."""

    __tablename__ = "chat_upload"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    visitor_id: Mapped[UUID] = mapped_column(ForeignKey("chat_visitor.id"), index=True)
    blob: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(index=True)


class ChatConversationRow(Table):
    """A conversation that a visitor began on purpose, by the id that their browser chose for it."""

    __tablename__ = "chat_conversation"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    handle: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID | None]
    """Its ticket, from the transaction that begins it."""
    begun_at: Mapped[datetime]


class ChatContinuationRow(Table):
    """An answer that goes on by mail when nobody comes to read it; at most once."""

    __tablename__ = "chat_continuation"
    __table_args__ = (Index("ix_chat_continuation_due", "state", "due_at"),)

    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(index=True)
    state: Mapped[str]
    """`waiting`, `mailed` or `dropped` (read, or nowhere to send it)."""
    due_at: Mapped[datetime]
    mail_id: Mapped[UUID | None]
    """The message that carried it."""
