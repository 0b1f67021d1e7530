"""Who could take work: agents, their places and skills, and bitsets that count them in one step.

Every agent has a small index; a bitset is an int with bit `index` set. Counting the agents behind a
gate is then one `&` and one `bit_count`, whatever the number of agents waiting or busy.
"""

from collections.abc import Iterator, Mapping
from uuid import UUID

from routing.model import Presence, Rules
from routing.rules import NO_BLENDING, NO_TERMS, Blending, Terms
from routing.seats import Seat, has_place


class Agent:
    """One agent as the engine sees it; `version` makes older heap entries worthless."""

    __slots__ = (
        "blending",
        "contacts",
        "id",
        "idle_since",
        "index",
        "lane_bits",
        "lane_terms",
        "missed",
        "offers",
        "queues",
        "ready",
        "seated",
        "seats",
        "skills",
        "state",
        "turns",
        "version",
    )

    def __init__(self, agent_id: UUID, index: int) -> None:
        self.id = agent_id
        self.index = index
        self.state = Presence.OFFLINE
        self.missed = False
        self.ready = False
        self.idle_since = 0
        self.version = 0
        self.seated = -1
        """The version under which it stands among the idle."""
        self.queues: dict[UUID, Terms] = {}
        self.skills: dict[UUID, int] = {}
        self.blending: Blending = NO_BLENDING
        self.seats: dict[str, Seat] = {}
        self.lane_bits: dict[str, int] = {}
        """By channel, the lanes whose contacts it may take."""
        self.lane_terms: dict[int, Terms] = {}
        """By lane, its terms where they are not the usual ones."""
        self.turns: dict[UUID, int] = {}
        """By queue, the number of the last offer: whose turn it is."""
        self.contacts: dict[int, int] = {}
        """What it holds, and since when."""
        # Keys only: dicts keep their order, sets would not.
        self.offers: dict[UUID, None] = {}

    @property
    def bit(self) -> int:
        return 1 << self.index

    @property
    def order(self) -> tuple[int, int]:
        """Longest idle first, then who was known first."""
        return (self.idle_since, self.index)

    def terms(self, queue: UUID) -> Terms:
        return self.queues.get(queue, NO_TERMS)

    def seat(self, channel: str) -> Seat:
        seat = self.seats.get(channel)
        if seat is None:
            seat = self.seats[channel] = Seat()
        return seat

    def has_room(self, channel: str) -> bool:
        seat = self.seats.get(channel)
        return self.ready and seat is not None and seat.open


class Roster:
    """All agents, with a bitset per presence, queue, channel, skill level and free place."""

    __slots__ = (
        "_by_id",
        "_by_index",
        "_rules",
        "in_queue",
        "missed",
        "on_channel",
        "present",
        "room",
        "skilled",
    )

    def __init__(self, rules: Rules) -> None:
        self._by_id: dict[UUID, Agent] = {}
        self._by_index: list[Agent] = []
        self._rules = rules
        self.present = dict.fromkeys(Presence, 0)
        self.missed = 0
        self.in_queue: dict[UUID, int] = {}
        self.on_channel: dict[str, int] = {}
        self.room: dict[str, int] = {}
        self.skilled: dict[UUID, list[int]] = {}
        """By skill, the agents with exactly each level."""

    def __len__(self) -> int:
        return len(self._by_index)

    def __iter__(self) -> Iterator[Agent]:
        return iter(self._by_index)

    def find(self, agent_id: UUID) -> Agent | None:
        return self._by_id.get(agent_id)

    def at(self, agent_id: UUID) -> Agent:
        """Return the agent, first met as offline and in no queue."""
        agent = self._by_id.get(agent_id)
        if agent is None:
            agent = Agent(agent_id, len(self._by_index))
            self._by_id[agent_id] = agent
            self._by_index.append(agent)
            self.present[Presence.OFFLINE] |= agent.bit
        return agent

    def with_bits(self, bits: int) -> Iterator[Agent]:
        while bits:
            low = bits & -bits
            yield self._by_index[low.bit_length() - 1]
            bits ^= low

    def with_skill(self, skill: UUID, level: int) -> int:
        """Return the agents who have the skill at this level or above."""
        bits = 0
        for exactly in self.skilled.get(skill, [])[level:]:
            bits |= exactly
        return bits

    def set_state(self, agent: Agent, state: Presence, *, missed: bool) -> None:
        """Change presence; the bitsets follow."""
        self.present[agent.state] &= ~agent.bit
        self.present[state] |= agent.bit
        self.missed = self.missed | agent.bit if missed else self.missed & ~agent.bit
        agent.state, agent.missed = state, missed
        agent.ready = state is Presence.AVAILABLE and not missed

    def set_queues(self, agent: Agent, queues: Mapping[UUID, Terms]) -> None:
        for queue in agent.queues:
            self.in_queue[queue] &= ~agent.bit
        agent.queues = {queue: queues[queue] for queue in sorted(queues)}
        for queue in agent.queues:
            self.in_queue[queue] = self.in_queue.get(queue, 0) | agent.bit

    def set_skills(self, agent: Agent, skills: Mapping[UUID, int]) -> None:
        for skill, level in agent.skills.items():
            self.skilled[skill][level] &= ~agent.bit
        agent.skills = {skill: skills[skill] for skill in sorted(skills) if skills[skill] > 0}
        for skill, level in agent.skills.items():
            levels = self.skilled.setdefault(skill, [])
            levels.extend([0] * (level + 1 - len(levels)))
            levels[level] |= agent.bit

    def set_capacity(
        self, agent: Agent, capacity: Mapping[str, int], blending: Blending | None
    ) -> None:
        """Set the most contacts per channel (a channel left out has none), and what blends."""
        agent.blending = blending or NO_BLENDING
        for channel in sorted({*agent.seats, *capacity}):
            seat = agent.seat(channel)
            seat.most = max(capacity.get(channel, 0), 0)
            bits = self.on_channel.get(channel, 0)
            self.on_channel[channel] = bits | agent.bit if seat.most else bits & ~agent.bit
        self.recount(agent)

    def recount(self, agent: Agent) -> None:
        """Bring the bits "has a free place" up to date after the load or capacity changed."""
        for channel, seat in agent.seats.items():
            is_open = has_place(agent.seats, channel, agent.blending, self._rules)
            if is_open != seat.open:
                seat.open = is_open
                bits = self.room.get(channel, 0)
                self.room[channel] = bits | agent.bit if is_open else bits & ~agent.bit
