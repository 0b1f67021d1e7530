"""What the routing engine is told: one plain value for each thing that happened."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from routing.model import Leaving, Presence


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An agent who is not offered a contact, until a time or, with None, for good."""

    agent: UUID
    until_us: int | None = None


@dataclass(frozen=True, slots=True)
class QueueSet:
    """How long an offer of this queue rings; queues never set use the rules' timeout."""

    queue: UUID
    offer_timeout_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactQueued:
    """A contact waits in a queue from now on. Known contacts are left as they are (told twice)."""

    contact: UUID
    queue: UUID
    channel: str
    virtual_arrival_us: int
    preferred_agent: UUID | None = None
    excluded: tuple[Exclusion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactHeld:
    """A contact that an agent already works on; tells a new engine what was so before it began."""

    contact: UUID
    queue: UUID
    channel: str
    virtual_arrival_us: int
    agent: UUID
    preferred_agent: UUID | None = None


@dataclass(frozen=True, slots=True)
class ContactLeft:
    """The client or the center ended the contact, wherever it was. Unknown contacts are ignored."""

    contact: UUID
    reason: Leaving


@dataclass(frozen=True, slots=True)
class ContactClosed:
    """The agent is done; with `wrap_up` its place stays taken until `CapacityFreed`."""

    contact: UUID
    wrap_up: bool = False


@dataclass(frozen=True, slots=True)
class MoveToQueue:
    """The contact waits in this queue instead, by its old place or, when given, by a new one."""

    contact: UUID
    queue: UUID
    virtual_arrival_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSet:
    """The whole profile of an agent, new or changed. Offers already ringing go on ringing.

    `capacity` is the most contacts per channel; contacts held and offers ringing are counted by the
    engine, `held` adds what it cannot know (wrap-up at start; None: unchanged). A missed offer is
    not forgiven by a profile: only `AgentStateChanged` says that the agent acted.
    """

    agent: UUID
    queues: Collection[UUID]
    capacity: Mapping[str, int]
    state: Presence
    held: Mapping[str, int] | None = None
    idle_since_us: int | None = None


@dataclass(frozen=True, slots=True)
class AgentStateChanged:
    """The agent (or somebody for it) set its presence; this also clears a missed offer."""

    agent: UUID
    state: Presence


@dataclass(frozen=True, slots=True)
class AgentVanished:
    """The agent's console is gone: all it holds or is offered waits again, at its old place."""

    agent: UUID


@dataclass(frozen=True, slots=True)
class CapacityFreed:
    """A place that wrap-up kept is free again."""

    agent: UUID
    channel: str


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    """The agent takes the offer: valid only while exactly this offer rings at this agent."""

    offer: UUID
    agent: UUID
    contact: UUID


@dataclass(frozen=True, slots=True)
class OfferDeclined:
    """The agent does not want the contact now; it may ring there again after the cool-down."""

    offer: UUID
    agent: UUID
    contact: UUID


@dataclass(frozen=True, slots=True)
class TakeByHand:
    """The agent picks a contact that nobody holds. A person's choice may exceed capacity."""

    contact: UUID
    agent: UUID


@dataclass(frozen=True, slots=True)
class AssignByHand:
    """Somebody gives the contact to an agent, whoever holds it. May exceed capacity."""

    contact: UUID
    agent: UUID
    by: UUID


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing happened but time: what is due happens."""


@dataclass(frozen=True, slots=True)
class Resume:
    """The state is complete: begin to match."""


Command = (
    QueueSet
    | ContactQueued
    | ContactHeld
    | ContactLeft
    | ContactClosed
    | MoveToQueue
    | AgentSet
    | AgentStateChanged
    | AgentVanished
    | CapacityFreed
    | OfferAccepted
    | OfferDeclined
    | TakeByHand
    | AssignByHand
    | Tick
    | Resume
)
