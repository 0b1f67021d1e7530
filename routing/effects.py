"""What the routing engine answers: what is to be stored first and told to people after."""

from uuid import UUID

from msgspec import Struct

from routing.model import Ended, Refusal
from routing.records import Decision


class OfferMade(Struct, frozen=True, kw_only=True):
    """The contact rings at the agent until the time given."""

    offer: UUID
    contact: UUID
    agent: UUID
    expires_at_us: int
    decision: Decision


class OfferWithdrawn(Struct, frozen=True):
    """The offer rings no more and was not accepted."""

    offer: UUID
    contact: UUID
    agent: UUID
    reason: Ended


class ContactRequeued(Struct, frozen=True):
    """The contact waits again, at its old place, or where somebody moved or pinned it."""

    contact: UUID
    queue: UUID
    reason: Ended
    virtual_arrival_us: int | None = None
    """Its new place, if it was given one."""
    pinned_to: UUID | None = None
    """Who alone may have it now."""
    left: UUID | None = None
    """The queue that sent it on, if one did."""


class ContactAssigned(Struct, frozen=True):
    """The agent holds the contact: by an accepted `offer`, or by hand with its own decision."""

    contact: UUID
    agent: UUID
    offer: UUID | None = None
    decision: Decision | None = None
    previous: UUID | None = None


class ContactTurnedAway(Struct, frozen=True):
    """The contact's queue is closed and sends it away: its visit flowed out."""

    contact: UUID
    queue: UUID
    reason: Ended


class CallbackCancelled(Struct, frozen=True):
    """The client is here again as another contact, which waits at the callback's place."""

    contact: UUID
    by: UUID
    virtual_arrival_us: int


class WrapUpEnded(Struct, frozen=True):
    """Time for wrap-up is up: the contact is closed and the agent has its place again."""

    contact: UUID
    agent: UUID


class AgentNotReady(Struct, frozen=True):
    """The agent gets no offers until it acts."""

    agent: UUID
    reason: Ended


class Refused(Struct, frozen=True):
    """The command changed nothing; `owner` holds the contact or is being offered it now."""

    reason: Refusal
    contact: UUID
    agent: UUID | None = None
    owner: UUID | None = None
    offer: UUID | None = None


Effect = (
    OfferMade
    | OfferWithdrawn
    | ContactRequeued
    | ContactAssigned
    | ContactTurnedAway
    | CallbackCancelled
    | WrapUpEnded
    | AgentNotReady
    | Refused
)
