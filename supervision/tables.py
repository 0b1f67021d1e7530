"""What happened on the floor, counted: visits to queues, agents' time, limits and their alerts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables import Table


class CompanionRow(Table):
    """Who is beside the agent at a running contact: reads along, or takes part."""

    __tablename__ = "companion"

    contact_id: Mapped[UUID] = mapped_column(primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID]
    client_id: Mapped[UUID]
    queue_id: Mapped[UUID]
    mode: Mapped[str]
    """`reading` or `joined`."""
    told: Mapped[bool]
    """The agent who has the contact sees it."""
    since: Mapped[datetime]


class VisitRow(Table):
    """One visit of a contact to a queue, from entering it until its agent is done with it."""

    __tablename__ = "visit"
    __table_args__ = (
        Index("ix_visit_contact", "contact_id", "seq"),
        Index("ix_visit_entered", "queue_id", "entered_at"),
        Index("ix_visit_agent", "agent_id", "entered_at"),
        Index("ix_visit_ticket", "ticket_id"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """The journal entry with which it began."""
    contact_id: Mapped[UUID]
    ticket_id: Mapped[UUID]
    client_id: Mapped[UUID]
    queue_id: Mapped[UUID]
    channel: Mapped[str]
    entered_at: Mapped[datetime]
    callback_since: Mapped[datetime | None]
    """Only of who is to be called back: since when they wait, first on the line."""
    outcome: Mapped[str]
    """`waiting`, `answered`, `abandoned` or `flowed_out`."""
    left_at: Mapped[datetime | None]
    """When it stopped waiting."""
    within_target: Mapped[bool]
    agent_id: Mapped[UUID | None]
    """Who holds it, or held it last."""
    held_since: Mapped[datetime | None]
    handle_ms: Mapped[int] = mapped_column(BigInteger)
    done_at: Mapped[datetime | None]


class QueueIntervalRow(Table):
    """A queue and channel in one quarter of an hour: every visit counts where it began."""

    __tablename__ = "queue_interval"

    quarter: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Quarters of an hour since 1970."""
    queue_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    offered: Mapped[int]
    answered: Mapped[int]
    within_target: Mapped[int]
    abandoned: Mapped[int]
    short_abandoned: Mapped[int]
    flowed_out: Mapped[int]
    handled: Mapped[int]
    answered_wait_ms: Mapped[int] = mapped_column(BigInteger)
    abandoned_wait_ms: Mapped[int] = mapped_column(BigInteger)
    handle_ms: Mapped[int] = mapped_column(BigInteger)
    callbacks: Mapped[int]
    callbacks_answered: Mapped[int]
    callback_wait_ms: Mapped[int] = mapped_column(BigInteger)


class AgentIntervalRow(Table):
    """An agent in one quarter of an hour: what ended in it, and the time that passed in it."""

    __tablename__ = "agent_interval"

    quarter: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    answered: Mapped[int]
    handled: Mapped[int]
    handle_ms: Mapped[int] = mapped_column(BigInteger)
    busy_ms: Mapped[int] = mapped_column(BigInteger)
    idle_ms: Mapped[int] = mapped_column(BigInteger)
    available_ms: Mapped[int] = mapped_column(BigInteger)
    away_ms: Mapped[int] = mapped_column(BigInteger)


class AgentClockRow(Table):
    """How far an agent's time is counted, and what they have been doing since."""

    __tablename__ = "agent_clock"

    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str]
    held: Mapped[int]
    counted_to: Mapped[datetime]


class ThresholdRow(Table):
    """A limit of a queue whose crossing raises an alert."""

    __tablename__ = "threshold"
    __table_args__ = (Index("ix_threshold_queue", "queue_id", "kind", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    queue_id: Mapped[UUID]
    kind: Mapped[str]
    """`longest_wait`, `waiting`, `service_level`, `nobody_available` or `lost`."""
    most: Mapped[int]
    """The limit: seconds, contacts or percent; of no meaning where any is too many."""
    sound: Mapped[bool]
    mail_to: Mapped[list[str]]
    """Agents who are told by mail, too."""
    enabled: Mapped[bool]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class AlertRow(Table):
    """A limit was crossed, since and until when."""

    __tablename__ = "alert"
    __table_args__ = (Index("ix_alert_since", "since", "id"), Index("ix_alert_until", "until"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    open_of: Mapped[UUID | None] = mapped_column(unique=True)
    """Its threshold while it lasts: of a threshold, one alert at a time."""
    threshold_id: Mapped[UUID | None] = mapped_column(ForeignKey("threshold.id"))
    queue_id: Mapped[UUID]
    kind: Mapped[str]
    most: Mapped[int]
    value: Mapped[int]
    """What was measured when it was raised."""
    sound: Mapped[bool]
    facts: Mapped[dict[str, Any]]
    """The contacts concerned, where the alert is about some; and how many were told by mail."""
    since: Mapped[datetime]
    until: Mapped[datetime | None]
