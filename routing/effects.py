"""What the routing engine answers: what is to be stored first and told to people after."""

from dataclasses import dataclass
from uuid import UUID

from routing.model import Ended, Refusal
from routing.records import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMade:
    """The contact rings at the agent until the time given."""

    offer: UUID
    contact: UUID
    agent: UUID
    expires_at_us: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class OfferWithdrawn:
    """The offer rings no more and was not accepted."""

    offer: UUID
    contact: UUID
    agent: UUID
    reason: Ended


@dataclass(frozen=True, slots=True)
class ContactRequeued:
    """The contact waits again, at its old place, or where somebody moved or pinned it."""

    contact: UUID
    queue: UUID
    reason: Ended
    virtual_arrival_us: int | None = None
    """Its new place, if it was given one."""
    pinned_to: UUID | None = None
    """Who alone may have it now."""


@dataclass(frozen=True, slots=True)
class ContactAssigned:
    """The agent holds the contact: by an accepted `offer`, or by hand with its own decision."""

    contact: UUID
    agent: UUID
    offer: UUID | None = None
    decision: Decision | None = None
    previous: UUID | None = None


@dataclass(frozen=True, slots=True)
class ContactTurnedAway:
    """The contact's queue is closed and sends it away: its visit flowed out."""

    contact: UUID
    queue: UUID
    reason: Ended


@dataclass(frozen=True, slots=True)
class CallbackCancelled:
    """The client is here again as another contact, which waits at the callback's place."""

    contact: UUID
    by: UUID
    virtual_arrival_us: int


@dataclass(frozen=True, slots=True)
class WrapUpEnded:
    """Time for wrap-up is up: the contact is closed and the agent has its place again."""

    contact: UUID
    agent: UUID


@dataclass(frozen=True, slots=True)
class AgentNotReady:
    """The agent gets no offers until it acts."""

    agent: UUID
    reason: Ended


@dataclass(frozen=True, slots=True)
class Refused:
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
