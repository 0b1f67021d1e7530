"""What can happen to a contact and to the queues."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.entries import Entry


class ContactQueued(Entry, frozen=True, kw_only=True):
    channel: str
    virtual_arrival: datetime
    preferred_agent_id: UUID | None = None
    callback: bool = False
    """The client left, and is to be called back now."""


class OfferMade(Entry, frozen=True, kw_only=True):
    offer_id: UUID
    agent_id: UUID
    expires_at: datetime
    why: list[dict[str, Any]]


class OfferEnded(Entry, frozen=True, kw_only=True):
    offer_id: UUID
    agent_id: UUID
    state: str
    reason: str


class ContactAnswered(Entry, frozen=True, kw_only=True):
    agent_id: UUID


class ContactRequeued(Entry, frozen=True, kw_only=True):
    reason: str


class QueueChosen(Entry, frozen=True, kw_only=True):
    """The client chose in a menu where they wait from now on; `choice` is what it said there."""

    choice: str


class ContactReopened(Entry, frozen=True, kw_only=True):
    agent_id: UUID
    channel: str
    virtual_arrival: datetime


class WrapUpBegun(Entry, frozen=True, kw_only=True):
    agent_id: UUID
    until: datetime | None


class RoutingChanged(Entry, frozen=True, kw_only=True):
    """Skills, profiles, calendars or dispositions are not what they were."""


class ContactEnded(Entry, frozen=True, kw_only=True):
    """`disposition` and `note` are what its agent said of it, if anything."""

    state: str
    agent_id: UUID | None
    disposition: str = ""
    note: str = ""


class QueueChanged(Entry, frozen=True, kw_only=True):
    pass


class CallbackAsked(Entry, frozen=True, kw_only=True):
    """The client of a contact is to be called back; without `due_at` when it is their turn."""

    due_at: datetime | None


class CallbackCancelled(Entry, frozen=True, kw_only=True):
    """Nobody needs to be called back: `reason` is `client` (they wrote), `agent` or `moved`."""

    reason: str
