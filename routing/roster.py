"""Who could take work: agents, their places per channel, and bitsets that count them in one step.

Every agent has a small index; a bitset is an int with bit `index` set. Counting the agents behind a
gate is then one `&` and one `bit_count`, whatever the number of agents waiting or busy.
"""

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from routing.model import Presence


class Seat:
    """The places of one agent on one channel."""

    __slots__ = ("active", "held", "most", "open", "ringing")

    def __init__(self) -> None:
        self.most = 0
        self.active = 0
        self.ringing = 0
        self.held = 0
        self.open = False

    @property
    def load(self) -> int:
        return self.active + self.ringing + self.held


class Agent:
    """One agent as the engine sees it; `version` makes older heap entries worthless."""

    __slots__ = (
        "contacts",
        "id",
        "idle_since",
        "index",
        "lane_bits",
        "missed",
        "offers",
        "queues",
        "ready",
        "seats",
        "state",
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
        self.queues: tuple[UUID, ...] = ()
        self.seats: dict[str, Seat] = {}
        self.lane_bits: dict[str, int] = {}
        # Keys only: dicts keep their order, sets would not.
        self.contacts: dict[UUID, None] = {}
        self.offers: dict[UUID, None] = {}

    @property
    def bit(self) -> int:
        return 1 << self.index

    @property
    def order(self) -> tuple[int, int]:
        """Longest idle first, then who was known first."""
        return (self.idle_since, self.index)

    def seat(self, channel: str) -> Seat:
        seat = self.seats.get(channel)
        if seat is None:
            seat = self.seats[channel] = Seat()
        return seat

    def has_room(self, channel: str) -> bool:
        seat = self.seats.get(channel)
        return self.ready and seat is not None and seat.open


class Roster:
    """All agents, with one bitset per presence, per queue and per channel with a free place."""

    __slots__ = ("_by_id", "_by_index", "_ringing_at_once", "in_queue", "missed", "present", "room")

    def __init__(self, ringing_at_once: int | None) -> None:
        self._by_id: dict[UUID, Agent] = {}
        self._by_index: list[Agent] = []
        self._ringing_at_once = ringing_at_once
        self.present = dict.fromkeys(Presence, 0)
        self.missed = 0
        self.in_queue: dict[UUID, int] = {}
        self.room: dict[str, int] = {}

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

    def set_state(self, agent: Agent, state: Presence, *, missed: bool) -> None:
        """Change presence; the bitsets follow."""
        self.present[agent.state] &= ~agent.bit
        self.present[state] |= agent.bit
        self.missed = self.missed | agent.bit if missed else self.missed & ~agent.bit
        agent.state, agent.missed = state, missed
        agent.ready = state is Presence.AVAILABLE and not missed

    def set_queues(self, agent: Agent, queues: Iterable[UUID]) -> None:
        for queue in agent.queues:
            self.in_queue[queue] &= ~agent.bit
        agent.queues = tuple(sorted(queues))
        for queue in agent.queues:
            self.in_queue[queue] = self.in_queue.get(queue, 0) | agent.bit

    def set_capacity(
        self, agent: Agent, capacity: Mapping[str, int], held: Mapping[str, int] | None
    ) -> None:
        """Set the most contacts per channel (a channel left out has none) and the extra load."""
        for channel in sorted({*agent.seats, *capacity, *(held or ())}):
            seat = agent.seat(channel)
            seat.most = max(capacity.get(channel, 0), 0)
            if held is not None:
                seat.held = max(held.get(channel, 0), 0)
            self.recount(agent, channel)

    def end_wrap_up(self, agent: Agent, channel: str | None = None) -> bool:
        """Free one place kept on the channel, or all of them; tell whether there was one."""
        kept = [c for c, seat in agent.seats.items() if seat.held and channel in (None, c)]
        for name in kept:
            seat = agent.seats[name]
            seat.held = 0 if channel is None else seat.held - 1
            self.recount(agent, name)
        return bool(kept)

    def recount(self, agent: Agent, channel: str) -> None:
        """Bring the bit "has a free place" up to date after the load or capacity changed."""
        seat = agent.seat(channel)
        limit = self._ringing_at_once
        is_open = seat.load < seat.most and (limit is None or seat.ringing < limit)
        if is_open != seat.open:
            seat.open = is_open
            bits = self.room.get(channel, 0)
            self.room[channel] = bits | agent.bit if is_open else bits & ~agent.bit
