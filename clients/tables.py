"""Whom we serve: persons and organisations, and the many names channels know them by."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables import Table

Ordered = String().with_variant(String(collation="C"), "postgresql")
"""Text ordered by code point on both databases, so that a prefix is a range of the index."""


class ClientRow(Table):
    __tablename__ = "client"
    __table_args__ = (Index("ix_client_folded", "name_folded", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    """`person` or `organisation`."""
    name: Mapped[str]
    name_folded: Mapped[str] = mapped_column(Ordered)
    """Case-folded, since SQLite compares only ASCII without regard to case."""
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("client.id"), index=True)
    email: Mapped[str | None] = mapped_column(index=True)
    phone: Mapped[str | None]
    locale: Mapped[str | None]
    attributes: Mapped[dict[str, Any]]
    blocked_at: Mapped[datetime | None]
    left_alone_at: Mapped[datetime | None]
    """Since when we write to them only in answer to their own words."""
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("client.id"), index=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class IdentityRow(Table):
    """What one channel calls a client; e-mail and phone are attributes, this is the key."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("channel", "handle"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("client.id"), index=True)
    channel: Mapped[str]
    handle: Mapped[str]
    name: Mapped[str]
    verified: Mapped[bool]
    unreachable: Mapped[str | None]
    """Why nothing that we send reaches them there any more, in words; None: it does."""
    opted_out: Mapped[bool] = mapped_column(default=False)
    """They forbade us to write there: nothing may be sent until they allow it again."""
    created_at: Mapped[datetime]


class ClientWordRow(Table):
    """What a client is found by: folded words of the name, addresses, numbers."""

    __tablename__ = "client_word"

    word: Mapped[str] = mapped_column(Ordered, primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("client.id"), primary_key=True, index=True)


class ClientNoteRow(Table):
    __tablename__ = "client_note"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("client.id"), index=True)
    author_id: Mapped[UUID]
    text: Mapped[str]
    created_at: Mapped[datetime]


class ClientWishRow(Table):
    """One time that somebody noted, or took back, that a client is to be left alone."""

    __tablename__ = "client_wish"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("client.id"), index=True)
    left_alone: Mapped[bool]
    noted_by: Mapped[UUID]
    noted_at: Mapped[datetime]


class UnlikeRow(Table):
    """Two clients of whom somebody said that they are two, in the order of their ids."""

    __tablename__ = "client_unlike"

    one_id: Mapped[UUID] = mapped_column(ForeignKey("client.id"), primary_key=True)
    other_id: Mapped[UUID] = mapped_column(ForeignKey("client.id"), primary_key=True, index=True)
    said_by: Mapped[UUID | None]
    said_at: Mapped[datetime]


class MergeRow(Table):
    """One merge and exactly what it moved, so that it can be undone."""

    __tablename__ = "client_merge"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = mapped_column(ForeignKey("client.id"), index=True)
    target_id: Mapped[UUID] = mapped_column(ForeignKey("client.id"), index=True)
    merged_by: Mapped[UUID]
    merged_at: Mapped[datetime]
    undone_by: Mapped[UUID | None]
    undone_at: Mapped[datetime | None]
    moved: Mapped[dict[str, Any]]
    """Ids of what belonged to the source, by kind."""
