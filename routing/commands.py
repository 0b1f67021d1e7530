"""What the routing engine is told: one plain value for each thing that happened."""

from collections.abc import Collection, Mapping
from uuid import UUID

from msgspec import Struct

from routing.model import Leaving, Presence
from routing.rules import Blending, Priority, QueueRules, Skills, Terms


class Exclusion(Struct, frozen=True):
    """An agent who is not offered a contact, until a time or, with None, for good."""

    agent: UUID
    until_us: int | None = None


class QueueSet(Struct, frozen=True):
    """The rules of a queue, new or changed; contacts that wait in it wait by them from now on."""

    queue: UUID
    rules: QueueRules


class ContactQueued(Struct, frozen=True, kw_only=True):
    """A contact waits in a queue from now on. Known contacts are left as they are (told twice).

    `client` cancels the callback that waits for the same client; the contact has its place.
    """

    contact: UUID
    queue: UUID
    channel: str
    virtual_arrival_us: int
    preferred_agent: UUID | None = None
    excluded: tuple[Exclusion, ...] = ()
    skills: Skills = ()
    priority: Priority | None = None
    entered_us: int | None = None
    """When it entered this queue, if not at its virtual arrival."""
    hops: int = 0
    pinned: bool = False
    """Only the preferred agent may have it."""
    client: UUID | None = None
    callback_of: UUID | None = None
    """The client who hung up and is to be called back."""


class ContactHeld(Struct, frozen=True, kw_only=True):
    """A contact that an agent already works on; tells a new engine what was so before it began."""

    contact: UUID
    queue: UUID
    channel: str
    virtual_arrival_us: int
    agent: UUID
    preferred_agent: UUID | None = None
    skills: Skills = ()
    priority: Priority | None = None
    wrap_up: bool = False
    wrap_up_until_us: int | None = None


class ContactLeft(Struct, frozen=True):
    """The client or the center ended the contact, wherever it was. Unknown contacts are ignored.

    A client who hangs up while waiting for a callback has not left.
    """

    contact: UUID
    reason: Leaving


class ContactClosed(Struct, frozen=True):
    """The agent is done with it."""

    contact: UUID


class WrapUpBegun(Struct, frozen=True):
    """The conversation is over, the agent's place stays taken until it is done or time is up."""

    contact: UUID
    until_us: int | None = None


class CallbackAsked(Struct, frozen=True):
    """A waiting client hangs up and is to be called back: the contact stays, at its place."""

    contact: UUID
    client: UUID


class CallbackDropped(Struct, frozen=True):
    """The client is here again at the same contact, or need not be called: it waits as others."""

    contact: UUID


class MoveToQueue(Struct, frozen=True):
    """The contact waits in this queue instead, by its old place or, when given, by a new one.

    The same queue gives a contact back, or bumps it. Skills and priority left out stay. Refused
    when the contact is not here.
    """

    contact: UUID
    queue: UUID
    virtual_arrival_us: int | None = None
    skills: Skills | None = None
    priority: Priority | None = None
    only_waiting: bool = False
    """Refused when somebody has it already."""


class QueueChosen(Struct, frozen=True):
    """The client said which queue is theirs: a contact that waits moves there at its place.

    Where somebody has taken it just before, they keep it, and it is of that queue from now on.
    """

    contact: UUID
    queue: UUID


class PinToAgent(Struct, frozen=True):
    """Only this agent may have the waiting contact; with None anybody again."""

    contact: UUID
    agent: UUID | None


class WaitAnnounced(Struct, frozen=True):
    """The client was told that the wait will last so long."""

    contact: UUID
    wait_us: int


class AgentSet(Struct, frozen=True, kw_only=True):
    """The whole profile of an agent, new or changed. Offers already ringing go on ringing.

    `queues` are those it serves, on the usual terms unless mapped to others. `capacity` is the
    most contacts per channel; what it holds and what rings is counted by the engine. A missed
    offer is not forgiven by a profile: only `AgentStateChanged` says that the agent acted.
    """

    agent: UUID
    queues: Collection[UUID] | Mapping[UUID, Terms]
    capacity: Mapping[str, int]
    state: Presence
    skills: Mapping[UUID, int] | None = None
    blending: Blending | None = None
    idle_since_us: int | None = None


class AgentStateChanged(Struct, frozen=True):
    """The agent (or somebody for it) set its presence; this also clears a missed offer."""

    agent: UUID
    state: Presence


class AgentVanished(Struct, frozen=True):
    """The agent's console is gone: all it holds or is offered waits again, at its old place."""

    agent: UUID


class OfferAccepted(Struct, frozen=True):
    """The agent takes the offer: valid only while exactly this offer rings at this agent."""

    offer: UUID
    agent: UUID
    contact: UUID


class OfferDeclined(Struct, frozen=True):
    """The agent does not want the contact now; it may ring there again after the cool-down."""

    offer: UUID
    agent: UUID
    contact: UUID


class TakeByHand(Struct, frozen=True):
    """The agent picks a contact that nobody holds. A person's choice may exceed capacity."""

    contact: UUID
    agent: UUID


class AssignByHand(Struct, frozen=True):
    """Somebody gives the contact to an agent, whoever holds it. May exceed capacity."""

    contact: UUID
    agent: UUID
    by: UUID


class Tick(Struct, frozen=True):
    """Nothing happened but time: what is due happens."""


class Resume(Struct, frozen=True):
    """The state is complete: begin to match."""


Command = (
    QueueSet
    | ContactQueued
    | ContactHeld
    | ContactLeft
    | ContactClosed
    | WrapUpBegun
    | CallbackAsked
    | CallbackDropped
    | MoveToQueue
    | QueueChosen
    | PinToAgent
    | WaitAnnounced
    | AgentSet
    | AgentStateChanged
    | AgentVanished
    | OfferAccepted
    | OfferDeclined
    | TakeByHand
    | AssignByHand
    | Tick
    | Resume
)
