"""One contact as the engine sees it, the way it waits, and the offers of it that ring.

A center may have a million contacts waiting, so what only few of them have lies apart.
"""

from enum import IntEnum
from uuid import UUID

from msgspec import Struct

from kernel.limits import OVERFLOW_HOPS
from routing.lanes import Lane
from routing.lines import Entry, Line, Threshold, arrival_of
from routing.queues import Queue, Visits
from routing.roster import Agent
from routing.rules import Priority, Skills


class Needs(Struct, frozen=True):
    """What a contact brings along: it waits like all others with the same needs."""

    channel: str
    skills: Skills = ()
    priority: Priority | None = None
    """Its own priority, when it is not its queue's."""


class Route:
    """How contacts with equal needs wait in a queue: ring after ring, threshold after threshold."""

    __slots__ = (
        "current",
        "lanes",
        "lines",
        "needs",
        "opens",
        "priority",
        "queue",
        "thresholds",
        "visits",
    )

    def __init__(self, queue: Queue["Contact"], needs: Needs, visits: Visits["Contact"]) -> None:
        self.queue = queue
        self.needs = needs
        self.visits = visits
        self.priority = needs.priority or queue.rules.priority
        self.lanes: tuple[Lane[Contact], ...] = ()
        """The lane of each ring."""
        self.lines: tuple[Line[Contact], ...] = ()
        """In each lane, the line of its priority."""
        self.opens: tuple[int, ...] = ()
        """After how long a wait each ring opens; the first at once."""
        self.thresholds: tuple[Threshold[Contact], ...] = ()
        self.current = True
        """False when the queue's rules have changed since."""

    @property
    def channel(self) -> str:
        return self.needs.channel

    def rings_open(self, waited_us: int) -> int:
        """Return how many rings are open after such a wait: at least one."""
        return max(sum(1 for after in self.opens if after <= waited_us), 1)


class Keeping(IntEnum):
    """Whether a contact is kept for its preferred agent."""

    NO = 0
    FOR_A_WHILE = 1
    PINNED = 2


class Particulars:
    """What only few contacts have."""

    __slots__ = (
        "asked",
        "callback_of",
        "entered_us",
        "excluded",
        "hops",
        "keeping",
        "preferred",
        "wrapping_until",
    )

    def __init__(self) -> None:
        self.preferred: UUID | None = None
        self.keeping = Keeping.NO
        self.excluded: dict[int, int | None] = {}
        """Agent index -> when it may be offered again (None: never)."""
        self.entered_us: int | None = None
        """When it entered this queue, if not at its virtual arrival."""
        self.asked = 0
        """How often it was offered without being accepted."""
        self.hops = 0
        """How often it overflowed."""
        self.wrapping_until: int | None = None
        self.callback_of: UUID | None = None
        """The client who hung up and is to be called back."""


class Contact:
    """One contact: it waits (`entry`), rings (`offers`) or is held (`agent`)."""

    __slots__ = (
        "agent",
        "entry",
        "id",
        "more",
        "offers",
        "order",
        "ring",
        "route",
        "threshold",
        "version",
        "wrapping",
    )

    def __init__(self, contact_id: UUID, route: Route, order: int) -> None:
        self.id = contact_id
        self.route = route
        self.order = order
        self.version = 0
        self.entry: Entry[Contact] | None = None
        self.offers: tuple[Offer, ...] = ()
        self.agent: Agent | None = None
        self.more: Particulars | None = None
        self.ring = 0
        """While it waits in lanes, in how many of its route's rings; 0 while it is kept."""
        self.threshold = 0
        """The next of its route's thresholds that it has to pass."""
        self.wrapping = False

    @property
    def arrival(self) -> int:
        return arrival_of(self.order)

    @property
    def entered(self) -> int:
        """When it entered this queue."""
        if self.more is None or self.more.entered_us is None:
            return self.arrival
        return self.more.entered_us

    @property
    def waits(self) -> bool:
        return self.entry is not None

    @property
    def held(self) -> bool:
        return self.agent is not None

    @property
    def preferred(self) -> UUID | None:
        return None if self.more is None else self.more.preferred

    @property
    def keeping(self) -> Keeping:
        return Keeping.NO if self.more is None else self.more.keeping

    @property
    def particulars(self) -> Particulars:
        if self.more is None:
            self.more = Particulars()
        return self.more

    @property
    def may_overflow(self) -> bool:
        """Say whether it may go on: a circle of queues that nobody noticed ends somewhere."""
        return self.more is None or self.more.hops < OVERFLOW_HOPS

    def excludes(self, agent: Agent) -> bool:
        return self.more is not None and agent.index in self.more.excluded

    def offer_to(self, agent_id: UUID) -> "Offer | None":
        return next((offer for offer in self.offers if offer.agent.id == agent_id), None)


class Offer(Struct, frozen=True):
    """A contact ringing at an agent."""

    id: UUID
    contact: Contact
    agent: Agent
    made_at: int
    expires_at: int
