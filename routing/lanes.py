"""Where contacts wait: lanes of equal requirements, each with its line of contacts and idle agents.

Contacts stand in heaps by (virtual arrival, arrival order), so one that comes back from an agent
regains exactly its place. Entries die lazily: a version that no longer matches is skipped.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Final
from uuid import UUID

from routing.heaps import SLACK, Entry, in_order
from routing.model import Leaving, QueueCounts
from routing.roster import Agent

LOOK_AHEAD: Final = 16


@dataclass(frozen=True, slots=True)
class Requirement:
    """What an agent must have to serve a lane; skills, levels and rings will join here."""

    queue: UUID
    channel: str


class Contact:
    """One contact as the engine sees it: waiting, offered (`offer`) or held (`agent`, no offer)."""

    __slots__ = (
        "agent",
        "arrival",
        "excluded",
        "id",
        "lane",
        "offer",
        "preferred",
        "seq",
        "version",
    )

    def __init__(
        self, contact_id: UUID, lane: "Lane", arrival: int, seq: int, preferred: UUID | None
    ) -> None:
        self.id = contact_id
        self.lane = lane
        self.arrival = arrival
        self.seq = seq
        self.version = 0
        self.preferred = preferred
        self.agent: Agent | None = None
        self.offer: Offer | None = None
        self.excluded: dict[int, int | None] | None = None
        """Agent index -> when it may be offered again (None: never)."""

    @property
    def order(self) -> tuple[int, int]:
        return (self.arrival, self.seq)

    @property
    def waits(self) -> bool:
        return self.agent is None

    @property
    def held(self) -> bool:
        return self.agent is not None and self.offer is None

    def is_with(self, agent_id: UUID) -> bool:
        return self.agent is not None and self.agent.id == agent_id

    def excludes(self, agent: Agent) -> bool:
        return self.excluded is not None and agent.index in self.excluded


@dataclass(frozen=True, slots=True)
class Offer:
    """A contact ringing at an agent."""

    id: UUID
    contact: Contact
    agent: Agent
    expires_at: int


class Line:
    """The waiting contacts of one class: ageing alike, so its head is its best at every time."""

    __slots__ = ("heap", "live")

    def __init__(self) -> None:
        self.heap: list[Entry[Contact]] = []
        self.live = 0

    def add(self, contact: Contact) -> None:
        contact.version += 1
        self.live += 1
        heappush(self.heap, (contact.arrival, contact.seq, contact.version, contact))

    def remove(self, contact: Contact) -> None:
        """Forget a contact that is in the line: its entry dies now and is dropped later."""
        contact.version += 1
        self.live -= 1
        if len(self.heap) > 2 * self.live + SLACK:
            self.heap = [entry for entry in self.heap if entry[2] == entry[3].version]
            heapify(self.heap)

    def head(self) -> Contact | None:
        """Return the first contact in order."""
        heap = self.heap
        while heap and heap[0][2] != heap[0][3].version:
            heappop(heap)
        return heap[0][3] if heap else None

    def first_for(self, agent: Agent) -> Contact | None:
        """Return the first contact that does not exclude the agent; costs one step per excluder."""
        head = self.head()
        if head is None or not head.excludes(agent):
            return head
        return next((contact for contact in self if not contact.excludes(agent)), None)

    def __iter__(self) -> Iterator[Contact]:
        return (entry[3] for entry in in_order(self.heap) if entry[2] == entry[3].version)


class Lane:
    """Contacts with the same requirement, the agents who meet it, and those of them seen idle.

    There is one class of contacts, `line`; weights and bands become further lines of the lane.
    """

    __slots__ = (
        "abandoned",
        "answered",
        "entered",
        "flowed_out",
        "idle",
        "index",
        "line",
        "members",
        "offered",
        "requirement",
    )

    def __init__(self, requirement: Requirement, index: int) -> None:
        self.requirement = requirement
        self.index = index
        self.members = 0
        self.line = Line()
        self.idle: list[Entry[Agent]] = []
        self.offered = 0
        self.entered = self.answered = self.abandoned = self.flowed_out = 0

    @property
    def channel(self) -> str:
        return self.requirement.channel

    def lose(self, reason: Leaving) -> None:
        """Count a visit that ended without an agent; a contact closed unheard flowed out."""
        if reason is Leaving.ABANDONED:
            self.abandoned += 1
        else:
            self.flowed_out += 1

    def counts(self) -> QueueCounts:
        head = self.line.head()
        return QueueCounts(
            queue=self.requirement.queue,
            channel=self.channel,
            waiting=self.line.live,
            offered=self.offered,
            oldest_us=None if head is None else head.arrival,
            entered=self.entered,
            answered=self.answered,
            abandoned=self.abandoned,
            flowed_out=self.flowed_out,
        )

    def admits(self, agent: Agent) -> bool:
        return bool(self.members >> agent.index & 1)

    def is_idle(self, entry: Entry[Agent]) -> bool:
        agent = entry[3]
        return entry[2] == agent.version and agent.has_room(self.channel)

    def seat(self, agent: Agent) -> None:
        """Note an agent of this lane as free, by its present key."""
        if len(self.idle) > 2 * self.members.bit_count() + SLACK:
            self.idle = [entry for entry in self.idle if self.is_idle(entry)]
            heapify(self.idle)
        heappush(self.idle, (agent.idle_since, agent.index, agent.version, agent))

    def idlest(self, contact: Contact, most: int) -> list[Agent]:
        """Return up to `most` free agents for the contact, longest idle first.

        The first is exact; the search for those after it ends after a few entries more.
        """
        while self.idle and not self.is_idle(self.idle[0]):
            heappop(self.idle)
        found: list[Agent] = []
        for looked, entry in enumerate(in_order(self.idle)):
            if self.is_idle(entry) and not contact.excludes(entry[3]):
                found.append(entry[3])
            if len(found) == most or (found and looked >= LOOK_AHEAD):
                break
        return found


class Lanes:
    """All lanes, interned by requirement, and the bitset of those where somebody waits."""

    __slots__ = ("_by_index", "_by_requirement", "nonempty")

    def __init__(self) -> None:
        self._by_requirement: dict[Requirement, Lane] = {}
        self._by_index: list[Lane] = []
        self.nonempty = 0

    def __iter__(self) -> Iterator[Lane]:
        return iter(self._by_index)

    def at(self, queue: UUID, channel: str) -> Lane:
        requirement = Requirement(queue, channel)
        lane = self._by_requirement.get(requirement)
        if lane is None:
            lane = Lane(requirement, len(self._by_index))
            self._by_requirement[requirement] = lane
            self._by_index.append(lane)
        return lane

    def waiting_for(self, agent: Agent) -> Iterator[Lane]:
        """Yield the lanes where somebody waits and the agent has a free place."""
        bits = 0
        for channel, lane_bits in agent.lane_bits.items():
            if agent.has_room(channel):
                bits |= lane_bits
        yield from self._with_bits(bits & self.nonempty)

    def enrol(self, agent: Agent) -> None:
        """Make the agent a member of exactly the lanes its profile allows."""
        for lane_bits in agent.lane_bits.values():
            for lane in self._with_bits(lane_bits):
                lane.members &= ~agent.bit
        agent.lane_bits = {}
        for channel, seat in agent.seats.items():
            for queue in agent.queues if seat.most else ():
                lane = self.at(queue, channel)
                lane.members |= agent.bit
                agent.lane_bits[channel] = agent.lane_bits.get(channel, 0) | 1 << lane.index

    def seat(self, agent: Agent) -> None:
        """Note the agent as free in every lane where it has a place left."""
        for channel, lane_bits in agent.lane_bits.items():
            if agent.has_room(channel):
                for lane in self._with_bits(lane_bits):
                    lane.seat(agent)

    def enter(self, contact: Contact) -> None:
        contact.lane.line.add(contact)
        self.nonempty |= 1 << contact.lane.index

    def leave(self, contact: Contact) -> None:
        contact.lane.line.remove(contact)
        if not contact.lane.line.live:
            self.nonempty &= ~(1 << contact.lane.index)

    def _with_bits(self, bits: int) -> Iterator[Lane]:
        while bits:
            low = bits & -bits
            yield self._by_index[low.bit_length() - 1]
            bits ^= low
