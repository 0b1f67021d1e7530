"""All queues, lanes and routes, interned, and the moves of contacts and agents in and out.

Two bitsets say where somebody waits and which lanes belong to closed queues, so that a free agent
looks only at lanes where there is something to take.
"""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from routing.contacts import Contact, Keeping, Needs, Route
from routing.lanes import Lane, Requirement
from routing.lines import Line, Threshold, number_of, order_of
from routing.queues import Queue
from routing.roster import Agent, Roster
from routing.rules import NO_TERMS, Priority, Strategy, joined, widened
from routing.timers import Timers

NOBODY: Final = Line[Contact](Priority())
"""The personal line of all for whom no contact is kept."""


class Routes:
    """Where contacts can wait; keeps the bitsets, the members of lanes and the thresholds true."""

    __slots__ = (
        "_lanes",
        "_lanes_of",
        "_personal",
        "_roster",
        "_routes",
        "_timers",
        "closed",
        "keys_move",
        "lanes",
        "nonempty",
        "queues",
    )

    def __init__(self, roster: Roster, timers: Timers) -> None:
        self._roster = roster
        self._timers = timers
        self.queues: dict[int, Queue[Contact]] = {}
        self.lanes: list[Lane[Contact]] = []
        self._lanes: dict[Requirement, Lane[Contact]] = {}
        self._lanes_of: dict[UUID, dict[int, None]] = {}
        """By queue, the lanes that its members may serve (its own, and those it lends them to)."""
        self._routes: dict[tuple[int, Needs], Route] = {}
        self._personal: dict[UUID, Line[Contact]] = {}
        self.nonempty = 0
        self.closed = 0
        self.keys_move = False
        """Whether some queue's strategy compares what an offer changes."""

    # What there is

    def queue(self, queue_id: UUID) -> Queue[Contact]:
        queue = self.queues.get(queue_id.int)
        if queue is None:
            queue = self.queues[queue_id.int] = Queue(queue_id)
        return queue

    def at(self, queue_id: UUID, needs: Needs) -> Route:
        """Return the way contacts with these needs wait in the queue."""
        key = (queue_id.int, needs)
        route = self._routes.get(key)
        if route is None:
            queue = self.queue(queue_id)
            route = self._routes[key] = Route(queue, needs, queue.visits_on(needs.channel))
            self._build(route)
        return route

    def outdate(self, queue: Queue[Contact]) -> None:
        """Forget the routes of a queue whose rules changed: contacts find theirs anew."""
        for key in [key for key in self._routes if key[0] == queue.id.int]:
            self._routes.pop(key).current = False

    def _build(self, route: Route) -> None:
        queue, needs = route.queue, route.needs
        skills = joined(queue.rules.skills, needs.skills)
        lent: tuple[UUID, ...] = ()
        lanes = [self._lane(queue, Requirement(queue.id, needs.channel, skills))]
        opens = [0]
        for ring in sorted(queue.rules.rings, key=lambda ring: ring.after_us):
            skills = widened(skills, ring)
            lent = tuple(sorted({*lent, *ring.also_queues} - {queue.id}))
            lane = self._lane(queue, Requirement(queue.id, needs.channel, skills, lent))
            if lane is not lanes[-1]:
                lanes.append(lane)
                opens.append(ring.after_us)
        route.lanes, route.opens = tuple(lanes), tuple(opens)
        route.lines = tuple(lane.line(route.priority) for lane in lanes)
        marks = {*opens, *queue.delays, queue.rules.hold_us}
        route.thresholds = tuple(Threshold(after) for after in sorted(marks) if after > 0)

    def _lane(self, queue: Queue[Contact], requirement: Requirement) -> Lane[Contact]:
        lane = self._lanes.get(requirement)
        if lane is not None:
            return lane
        lane = Lane(requirement, len(self.lanes), queue.rules.strategy)
        self.note_strategy(queue.rules.strategy)
        self._lanes[requirement] = lane
        self.lanes.append(lane)
        queue.lane_bits |= 1 << lane.index
        if not queue.is_open:
            self.closed |= 1 << lane.index
        for lender in (queue.id, *requirement.lent):
            self._lanes_of.setdefault(lender, {})[lane.index] = None
        lane.members = requirement.met_by(self._roster)
        for agent in self._roster.with_bits(lane.members):
            self._admit(agent, lane)
            if agent.has_room(requirement.channel):
                lane.seat(agent)
        return lane

    def note_strategy(self, strategy: Strategy) -> None:
        self.keys_move |= strategy in {Strategy.MOST_SPARE, Strategy.ROUND_ROBIN}

    def with_bits(self, bits: int) -> Iterator[Lane[Contact]]:
        while bits:
            low = bits & -bits
            yield self.lanes[low.bit_length() - 1]
            bits ^= low

    # Agents

    def enrol(self, agent: Agent) -> None:
        """Make the agent a member of exactly the lanes its profile allows."""
        for lane_bits in agent.lane_bits.values():
            for lane in self.with_bits(lane_bits):
                lane.members &= ~agent.bit
        agent.lane_bits, agent.lane_terms = {}, {}
        near: dict[int, None] = {}
        for queue in agent.queues:
            near |= self._lanes_of.get(queue, {})
        for index in near:
            lane = self.lanes[index]
            if lane.requirement.met_by_one(agent):
                lane.members |= agent.bit
                self._admit(agent, lane)

    @staticmethod
    def _admit(agent: Agent, lane: Lane[Contact]) -> None:
        channel = lane.requirement.channel
        agent.lane_bits[channel] = agent.lane_bits.get(channel, 0) | 1 << lane.index
        terms = agent.terms(lane.requirement.queue)
        if terms != NO_TERMS:
            agent.lane_terms[lane.index] = terms

    def seat(self, agent: Agent) -> None:
        """Note the agent as free in every lane where it has a place left, once in each version."""
        if agent.seated == agent.version:
            return
        agent.seated = agent.version
        for channel, lane_bits in agent.lane_bits.items():
            if agent.has_room(channel):
                for lane in self.with_bits(lane_bits):
                    lane.seat(agent)

    def waiting_for(self, agent: Agent) -> Iterator[Lane[Contact]]:
        """Yield the lanes where somebody waits and the agent has a free place."""
        bits = 0
        for channel, lane_bits in agent.lane_bits.items():
            if agent.has_room(channel):
                bits |= lane_bits
        return self.with_bits(bits & self.nonempty & ~self.closed)

    def kept_for(self, agent_id: UUID) -> Line[Contact]:
        return self._personal.get(agent_id, NOBODY)

    # Contacts

    def enter(self, contact: Contact, now: int) -> None:
        """Put a contact that is nowhere at its place in all lines it belongs to."""
        route, waited = contact.route, now - contact.arrival
        contact.version += 1
        entry = contact.entry = (contact.order, contact.version, contact)
        route.visits.flow.pass_time(now, waiting=route.visits.line.live)
        route.visits.line.add(entry)
        contact.ring = 0
        if contact.keeping is Keeping.NO:
            self._widen(contact, route.rings_open(waited))
        else:
            personal = self._personal.setdefault(_preferred(contact), Line(Priority()))
            personal.add(entry)
        contact.threshold = sum(1 for mark in route.thresholds if mark.after_us <= waited)
        self._approach(contact)
        self._count_towards_overflow(contact)

    def pass_threshold(self, contact: Contact, now: int) -> None:
        """Open the rings whose time has come; the contact goes on to its next threshold."""
        contact.threshold += 1
        self._approach(contact)
        if contact.keeping is Keeping.NO:
            self._widen(contact, contact.route.rings_open(now - contact.arrival))

    def leave(self, contact: Contact, now: int) -> None:
        """Take a waiting contact out of all its lines."""
        route = contact.route
        route.visits.flow.pass_time(now, waiting=route.visits.line.live)
        contact.version += 1
        contact.entry = None
        route.visits.line.leave()
        if contact.keeping is not Keeping.NO:
            self._personal[_preferred(contact)].leave()
        for ring in range(contact.ring):
            self._thin(route.lines[ring], route.lanes[ring])
        if contact.threshold < len(route.thresholds):
            route.thresholds[contact.threshold].leave()
        if route.queue.overflowing is not None and contact.may_overflow:
            route.queue.overflowing.leave()

    def _widen(self, contact: Contact, rings: int) -> None:
        entry = contact.entry
        if entry is None:
            return
        for ring in range(contact.ring, rings):
            contact.route.lines[ring].add(entry)
            self.nonempty |= 1 << contact.route.lanes[ring].index
        contact.ring = max(rings, contact.ring)

    def _thin(self, line: Line[Contact], lane: Lane[Contact]) -> None:
        line.leave()
        if not line.live and not lane.waiting:
            self.nonempty &= ~(1 << lane.index)

    def _approach(self, contact: Contact) -> None:
        thresholds = contact.route.thresholds
        if contact.threshold < len(thresholds) and contact.entry is not None:
            thresholds[contact.threshold].add(contact.entry)
            self._timers.arm(thresholds[contact.threshold])

    def _count_towards_overflow(self, contact: Contact) -> None:
        overflowing, entry = contact.route.queue.overflowing, contact.entry
        if overflowing is None or entry is None or not contact.may_overflow:
            return
        if contact.entered != contact.arrival:
            entry = (order_of(contact.entered, number_of(contact.order)), *entry[1:])
        overflowing.add(entry)
        self._timers.arm(overflowing)


def _preferred(contact: Contact) -> UUID:
    if contact.preferred is None:
        raise ValueError("a contact that is kept is kept for somebody")
    return contact.preferred
