"""The gates between a contact and the agents: who is stopped by which, and when it opens."""

from collections.abc import Iterator

from routing.contacts import Contact, Keeping
from routing.floor import Floor
from routing.model import Gate, Presence
from routing.records import Blocked, Gates

Opening = tuple[Gate, int, int | None]
"""A gate, the agents it lets pass (as bits), and when it opens for others by itself."""


def gates(floor: Floor, contact: Contact, now: int | None = None) -> Gates:
    """Sort all agents by the first gate that stops them from being offered the contact."""
    now = floor.now if now is None else now
    passing = (1 << len(floor.roster)) - 1
    blocked: list[Blocked] = []
    for gate, may_pass, opens in _gates(floor, contact, now):
        stopped = (passing & ~may_pass).bit_count()
        passing &= may_pass
        if stopped:
            blocked.append(Blocked(gate, stopped, opens))
    passing, late = _without_late(contact, passing, now)
    passing, excluded = _without_excluded(contact, passing, now)
    return Gates(
        agents=len(floor.roster),
        eligible=contact.route.lanes[max(contact.ring, 1) - 1].members.bit_count(),
        available=passing.bit_count(),
        blocked=(*blocked, *late, *excluded),
    )


def _gates(floor: Floor, contact: Contact, now: int) -> Iterator[Opening]:
    route, roster = contact.route, floor.roster
    if not route.queue.is_open:
        yield Gate.QUEUE_CLOSED, 0, route.queue.boundary
    if contact.keeping is not Keeping.NO:
        yield from _for_one_alone(floor, contact)
    if contact.keeping is not Keeping.PINNED:
        yield from _by_requirement(floor, contact, now)
    yield Gate.OFFLINE, ~roster.present[Presence.OFFLINE], None
    yield Gate.AWAY, ~roster.present[Presence.AWAY], None
    yield Gate.MISSED_OFFER, ~roster.missed, None
    yield Gate.AT_CAPACITY, roster.room.get(route.channel, 0), None


def _for_one_alone(floor: Floor, contact: Contact) -> Iterator[Opening]:
    agent = floor.roster.find(contact.preferred) if contact.preferred else None
    opens = None
    if contact.keeping is Keeping.FOR_A_WHILE:
        opens = contact.arrival + contact.route.queue.rules.hold_us
    yield Gate.KEPT_FOR_ANOTHER, agent.bit if agent is not None else 0, opens


def _by_requirement(floor: Floor, contact: Contact, now: int) -> Iterator[Opening]:
    """Who is in no ring at all, and who only in one that is not open yet."""
    route, roster = contact.route, floor.roster
    last = route.lanes[-1].requirement
    reach = 0
    for queue in (last.queue, *last.lent):
        reach |= roster.in_queue.get(queue, 0)
    yield Gate.NOT_IN_QUEUE, reach, None
    yield Gate.NOT_ON_CHANNEL, roster.on_channel.get(route.channel, 0), None
    yield Gate.LACKS_SKILL, route.lanes[-1].members, None
    rings = route.rings_open(now - contact.arrival)
    if rings < len(route.lanes):
        opens = contact.arrival + route.opens[rings]
        yield Gate.RING_CLOSED, route.lanes[rings - 1].members, opens


def _without_late(contact: Contact, passing: int, now: int) -> tuple[int, list[Blocked]]:
    waited = now - contact.arrival
    if contact.keeping is Keeping.PINNED:
        return passing, []
    opens: list[int] = []
    stopped = 0
    for delay, agents in contact.route.queue.delays.items():
        if delay > waited and agents & passing:
            stopped += (agents & passing).bit_count()
            passing &= ~agents
            opens.append(contact.arrival + delay)
    return passing, [Blocked(Gate.DELAYED, stopped, min(opens))] if stopped else []


def _without_excluded(contact: Contact, passing: int, now: int) -> tuple[int, list[Blocked]]:
    opens: list[int] = []
    stopped = 0
    for index, until in contact.more.excluded.items() if contact.more is not None else ():
        if passing >> index & 1 and (until is None or until > now):
            passing &= ~(1 << index)
            stopped += 1
            opens += [] if until is None else [until]
    if not stopped:
        return passing, []
    return passing, [Blocked(Gate.EXCLUDED, stopped, min(opens, default=None))]
