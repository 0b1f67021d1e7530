"""Queues, the contacts that wait in them, and the offers made of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables import Table


class QueueRow(Table):
    __tablename__ = "queue"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    channels: Mapped[list[str]]
    service_target_seconds: Mapped[int]
    """A contact should be answered within this many seconds ..."""
    service_level_percent: Mapped[int]
    """... in this share of cases."""
    offer_seconds: Mapped[int]
    team_id: Mapped[UUID | None]
    """The team that new tickets of this queue belong to."""
    is_default: Mapped[bool]
    rules: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """How it orders, asks, widens and overflows: routing/settings.py; empty: all as usual."""
    calendar_id: Mapped[UUID | None] = mapped_column(ForeignKey("calendar.id"))
    """When it is open; without one, always."""
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class SkillRow(Table):
    __tablename__ = "skill"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class AgentSkillRow(Table):
    __tablename__ = "agent_skill"

    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    skill_id: Mapped[UUID] = mapped_column(ForeignKey("skill.id"), primary_key=True, index=True)
    level: Mapped[int]


class CalendarRow(Table):
    """When queues are open: a week in a time zone, and the days that differ from it."""

    __tablename__ = "calendar"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    timezone: Mapped[str]
    week: Mapped[list[dict[str, Any]]]
    holidays: Mapped[list[dict[str, Any]]]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class ProfileRow(Table):
    """How agents take contacts: how many at once, what blends, which queue first."""

    __tablename__ = "routing_profile"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    rules: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class AgentProfileRow(Table):
    __tablename__ = "agent_profile"

    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    profile_id: Mapped[UUID] = mapped_column(ForeignKey("routing_profile.id"), index=True)


class DispositionRow(Table):
    """How a contact ended, as its agent says in wrap-up."""

    __tablename__ = "disposition"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    queue_id: Mapped[UUID | None] = mapped_column(ForeignKey("queue.id"))
    """Only for contacts of this queue; without one, for all."""
    needs_note: Mapped[bool]
    active: Mapped[bool]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class QueueMemberRow(Table):
    __tablename__ = "queue_member"

    queue_id: Mapped[UUID] = mapped_column(ForeignKey("queue.id"), primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)


class ContactRow(Table):
    """One unit of work: routed, offered, worked on, measured."""

    __tablename__ = "contact"
    __table_args__ = (
        Index("ix_contact_waiting", "queue_id", "state", "virtual_arrival"),
        Index("ix_contact_agent", "agent_id", "state"),
        Index("ix_contact_ticket", "ticket_id", "state"),
        Index("ix_contact_entered", "entered_at"),
        Index("ix_contact_answered", "answered_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID]
    client_id: Mapped[UUID]
    queue_id: Mapped[UUID] = mapped_column(ForeignKey("queue.id"))
    channel: Mapped[str]
    account_id: Mapped[UUID | None]
    state: Mapped[str]
    """`queued`, `offered`, `active`, `wrap_up`, `closed`, `abandoned` or `flowed_out`."""
    virtual_arrival: Mapped[datetime]
    """Its place in the queue, kept through every re-queue."""
    entered_at: Mapped[datetime]
    offered_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    waited_seconds: Mapped[int | None]
    """From entering the queue to its first answer."""
    ended_at: Mapped[datetime | None]
    agent_id: Mapped[UUID | None]
    preferred_agent_id: Mapped[UUID | None]
    why: Mapped[dict[str, Any] | None]
    """The last decision about it, with its reasons."""
    skills: Mapped[dict[str, int] | None] = mapped_column(JSON)
    """What it asks for beyond its queue: skill -> least level."""
    entered_queue_at: Mapped[datetime | None]
    """When it entered this queue, if it came from another."""
    hops: Mapped[int | None]
    """How often it overflowed."""
    pinned: Mapped[bool | None]
    """Only the preferred agent may have it."""
    callback: Mapped[bool | None]
    """The client left and is to be called back."""
    chosen: Mapped[str | None]
    """In the words of a menu: what the client chose to come into this queue."""
    menu: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Where the client stands in a menu, whose choices lead them until somebody answers."""
    wrap_up_until: Mapped[datetime | None]
    disposition_id: Mapped[UUID | None] = mapped_column(ForeignKey("disposition.id"))
    disposition_note: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)


class CallbackRow(Table):
    """A client who is to be called back: when their turn comes, or at a wished time."""

    __tablename__ = "callback"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID | None] = mapped_column(unique=True)
    """The contact that waits at the client's place; empty until the wished time."""
    ticket_id: Mapped[UUID] = mapped_column(index=True)
    client_id: Mapped[UUID] = mapped_column(index=True)
    queue_id: Mapped[UUID] = mapped_column(index=True)
    channel: Mapped[str]
    account_id: Mapped[UUID | None]
    virtual_arrival: Mapped[datetime]
    """The place that is kept."""
    preferred_agent_id: Mapped[UUID | None]
    due_at: Mapped[datetime | None]
    """The wished time; empty: when it is their turn."""
    number: Mapped[str]
    note: Mapped[str]
    after_message_id: Mapped[UUID | None]
    """The client's last word then: one after it makes the callback needless."""
    asked_by: Mapped[UUID]
    """An agent, or the client."""
    created_at: Mapped[datetime]


class OfferRow(Table):
    __tablename__ = "offer"
    __table_args__ = (
        Index("ix_offer_contact", "contact_id", "made_at"),
        Index("ix_offer_state", "state", "ended_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    agent_id: Mapped[UUID] = mapped_column(index=True)
    state: Mapped[str]
    """`ringing`, `accepted`, `declined`, `timed_out` or `withdrawn`."""
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    decision: Mapped[dict[str, Any]]
