"""Lanes: equal requirements, the contacts that have them, the agents who meet them.

An agent free for a lane is noted in it once, under the key of the queue's strategy; entries die
lazily when the agent's version passes.
"""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import Final, Generic
from uuid import UUID

from msgspec import Struct

from routing.heaps import SLACK, in_order
from routing.lines import C, Line
from routing.roster import Agent, Roster
from routing.rules import Priority, Skills, Strategy
from routing.strategies import strategy_key

LOOK_AHEAD: Final = 16

IdleEntry = tuple[int, int, int, int, Agent]
"""(what the strategy compares, idle since, index, version, agent)."""


class Requirement(Struct, frozen=True):
    """What an agent must have to serve a lane; `lent` are queues whose members may serve too."""

    queue: UUID
    channel: str
    skills: Skills = ()
    lent: tuple[UUID, ...] = ()

    def met_by(self, roster: Roster) -> int:
        """Return the agents who have all of it."""
        bits = roster.in_queue.get(self.queue, 0)
        for queue in self.lent:
            bits |= roster.in_queue.get(queue, 0)
        bits &= roster.on_channel.get(self.channel, 0)
        for skill, level in self.skills:
            bits &= roster.with_skill(skill, level)
        return bits

    def met_by_one(self, agent: Agent) -> bool:
        """Say whether this agent has all of it."""
        seat = agent.seats.get(self.channel)
        if seat is None or not seat.most:
            return False
        if not any(queue in agent.queues for queue in (self.queue, *self.lent)):
            return False
        return all(agent.skills.get(skill, 0) >= level for skill, level in self.skills)


class Lane(Generic[C]):
    """Contacts with one requirement, a line for each priority, and the agents seen idle for them.

    `pools` holds idle agents by the delay after which they take the queue's contacts.
    """

    __slots__ = ("index", "lines", "members", "pools", "requirement", "strategy")

    def __init__(self, requirement: Requirement, index: int, strategy: Strategy) -> None:
        self.requirement = requirement
        self.index = index
        self.strategy = strategy
        self.members = 0
        self.lines: list[Line[C]] = []
        self.pools: dict[int, list[IdleEntry]] = {}

    @property
    def waiting(self) -> int:
        return sum(line.live for line in self.lines)

    def line(self, priority: Priority) -> Line[C]:
        for line in self.lines:
            if line.priority == priority:
                return line
        self.lines.append(Line(priority))
        return self.lines[-1]

    def admits(self, agent: Agent) -> bool:
        bits = agent.lane_bits.get(self.requirement.channel, 0)
        return bool(bits >> self.index & 1)

    def key_of(self, agent: Agent) -> int:
        needs = self.requirement
        return strategy_key(agent, self.strategy, needs.queue, needs.channel, needs.skills)

    def is_idle(self, entry: IdleEntry) -> bool:
        agent = entry[4]
        return entry[3] == agent.version and agent.has_room(self.requirement.channel)

    def seat(self, agent: Agent) -> None:
        """Note an agent of this lane as free, by its present key."""
        terms = agent.lane_terms.get(self.index)
        pool = self.pools.setdefault(terms.delay_us if terms else 0, [])
        if len(pool) > 2 * self.members.bit_count() + SLACK:
            pool[:] = [entry for entry in pool if self.is_idle(entry)]
            heapify(pool)
        entry = (self.key_of(agent), agent.idle_since, agent.index, agent.version, agent)
        heappush(pool, entry)

    def idlest(self, contact: C, most: int, waited_us: int) -> Iterator[Agent]:
        """Yield free agents for the contact, from each pool up to `most`, the best first."""
        for delay, pool in self.pools.items():
            if delay <= waited_us or not delay:
                yield from self._idlest_of(pool, contact, most)

    def _idlest_of(self, pool: list[IdleEntry], contact: C, most: int) -> list[Agent]:
        """The first is exact; the search for those after it ends after a few entries more."""
        while pool and not self.is_idle(pool[0]):
            heappop(pool)
        found: list[Agent] = []
        for looked, entry in enumerate(in_order(pool)):
            if self.is_idle(entry) and not contact.excludes(entry[4]):
                found.append(entry[4])
            if len(found) == most or (found and looked >= LOOK_AHEAD):
                break
        return found
