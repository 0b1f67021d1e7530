"""What can happen to a contact and to the queues."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.journal import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactQueued(Entry):
    channel: str
    virtual_arrival: datetime
    preferred_agent_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMade(Entry):
    offer_id: UUID
    agent_id: UUID
    expires_at: datetime
    why: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferEnded(Entry):
    offer_id: UUID
    agent_id: UUID
    state: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAnswered(Entry):
    agent_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRequeued(Entry):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactReopened(Entry):
    agent_id: UUID
    channel: str
    virtual_arrival: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpBegun(Entry):
    agent_id: UUID
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingChanged(Entry):
    """Skills, profiles, calendars or dispositions are not what they were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEnded(Entry):
    state: str
    agent_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueChanged(Entry):
    pass
