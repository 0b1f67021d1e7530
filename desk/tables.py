"""What the house knows of itself, and what it tells the people who work in it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables import Table


class CompanyRow(Table):
    """Whose center this is: one row at most; what is empty there, the operator's settings say."""

    __tablename__ = "company"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str | None]
    default_locale: Mapped[str | None]
    steps: Mapped[list[str]]
    """The steps of the first hour that were done or skipped."""
    welcomed_at: Mapped[datetime | None]
    """When the first hour was declared over."""
    tells_reading: Mapped[bool | None]
    """Agents see who reads along; empty: they do."""
    quiet_hours: Mapped[dict[str, Any] | None]
    """When nobody is written to or called first (`desk.quiet_hours`); empty: at no time."""


class SampleRow(Table):
    """One thing that was added as a sample, so that removal takes exactly what was added."""

    __tablename__ = "sample"

    kind: Mapped[str] = mapped_column(primary_key=True)
    """The name of its table."""
    id: Mapped[UUID] = mapped_column(primary_key=True)


class NotificationRow(Table):
    """One event told to one agent; the id follows from the journal entry and the agent."""

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_list", "agent_id", "at", "id"),
        Index("ix_notification_unread", "agent_id", "read_at", "ticket_id"),
        Index("ix_notification_mail", "to_mail", "digest_id", "agent_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    at: Mapped[datetime]
    event: Mapped[str]
    ticket_id: Mapped[UUID | None]
    name: Mapped[str]
    detail: Mapped[str]
    listed: Mapped[bool]
    """It stands in the list on the screen; one for a mail alone does not."""
    to_mail: Mapped[bool]
    digest_id: Mapped[UUID | None]
    """The mail that told of it."""
    read_at: Mapped[datetime | None]


class NotificationChoicesRow(Table):
    """What one agent wants to be told of; without a row it is the usual."""

    __tablename__ = "notification_choices"

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), primary_key=True)
    body: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]


class PushKeyRow(Table):
    """The key that push services know us by: one row, made once; the private part is sealed."""

    __tablename__ = "push_key"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    public: Mapped[str]
    sealed: Mapped[str]
    created_at: Mapped[datetime]


class PushSubscriptionRow(Table):
    """A browser that is pushed to, as long as the session that asked for it lives."""

    __tablename__ = "push_subscription"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), index=True)
    session_id: Mapped[UUID]
    endpoint: Mapped[str] = mapped_column(unique=True)
    p256dh: Mapped[str]
    auth: Mapped[str]
    browser: Mapped[str]
    created_at: Mapped[datetime]


class PushJobRow(Table):
    """A promise to push one notification to one browser."""

    __tablename__ = "push_job"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    notification_id: Mapped[UUID]
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("push_subscription.id"), index=True)
    due_at: Mapped[datetime] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
