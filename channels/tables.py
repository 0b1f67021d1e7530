"""Connected accounts, what they handed us, and what we promised to send through them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables import Table


class AccountRow(Table):
    """One connected mailbox or widget. Secrets lie sealed; the cursor moves with the deliveries."""

    __tablename__ = "account"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    public_key: Mapped[str] = mapped_column(unique=True)
    enabled: Mapped[bool]
    settings: Mapped[dict[str, Any]]
    secrets: Mapped[dict[str, str]]
    queue_id: Mapped[UUID | None]
    cursor: Mapped[str | None]
    health: Mapped[str]
    health_detail: Mapped[str] = mapped_column(default="")
    health_at: Mapped[datetime | None]
    last_in_at: Mapped[datetime | None]
    last_out_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    """Since then it is gone for everybody, and only history still names it."""
    version: Mapped[int] = mapped_column(default=1)


class DeliveryRow(Table):
    """One raw delivery under its permanent unique key: the same thing twice is one row."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("account_id", "external_id"),
        Index("ix_delivery_dead", "state", "received_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    external_id: Mapped[str]
    received_at: Mapped[datetime]
    state: Mapped[str]
    """`done` (its effects are stored) or `dead` (kept for a replay)."""
    attempts: Mapped[int] = mapped_column(default=0)
    raw: Mapped[bytes | None]
    blob: Mapped[str | None] = mapped_column(index=True)
    error: Mapped[str | None]


class TemplateRow(Table):
    """A text that an account's provider has approved, or refused, as it was listed last."""

    __tablename__ = "template"
    __table_args__ = (UniqueConstraint("account_id", "name", "language"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str]
    language: Mapped[str]
    status: Mapped[str]
    content: Mapped[dict[str, Any]]
    """The `channels.templates.Template`."""
    seen_at: Mapped[datetime]


class SpendingRow(Table):
    """What an account has spent in one hour, in what its provider bills."""

    __tablename__ = "spending"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Hours since 1970."""
    amount: Mapped[int]


class SpendingAlertRow(Table):
    """That it was told once in a day how much an account has spent."""

    __tablename__ = "spending_alert"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Days since 1970."""


class OutboxRow(Table):
    """A promise to send one envelope. `lane` keeps the order of one conversation."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "account_id", "state", "bulk", "due_at", "place"),
        Index("ix_outbox_state", "state", "due_at"),
        Index("ix_outbox_lane", "lane", "state", "place"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    lane: Mapped[UUID]
    place: Mapped[UUID]
    """A UUIDv7 made with the promise: the order of the lane, whatever clock named the message."""
    state: Mapped[str]
    """`scheduled`, `waiting`, `sent`, `failed`, `uncertain`, `withdrawn`, or until a person decides
    `held` (after a restore) or `paused` (the client wrote first)."""
    bulk: Mapped[bool] = mapped_column(default=False)
    """One of very many alike: leaves when nothing else of the account is due."""
    due_at: Mapped[datetime]
    promised_at: Mapped[datetime]
    yields: Mapped[bool] = mapped_column(default=False)
    """A scheduled one pauses when the client writes before it leaves."""
    asked_id: Mapped[UUID | None]
    """The newest word of the client when it was promised."""
    attempts: Mapped[int] = mapped_column(default=0)
    begun: Mapped[bool] = mapped_column(default=False)
    """Handed to a provider that knows no repetition, and how that ended is not known yet."""
    paid: Mapped[bool] = mapped_column(default=False)
    """What it costs was added to what its account has spent."""
    parcel: Mapped[dict[str, Any]]
    """The envelope; files stand in it by blob key."""
    error: Mapped[str | None]
