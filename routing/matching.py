"""Brings together who is free and who waits after a command, until no pair that fits is left.

Only agents who may take more and contacts that may newly be offered are looked at: nothing else
can have come to fit.
"""

from collections.abc import Iterable, Iterator, Sequence
from heapq import nsmallest
from typing import Final

from routing import reasons
from routing.contacts import Contact, Keeping
from routing.floor import Floor
from routing.lanes import Lane
from routing.lines import ORDER_BITS, Line
from routing.model import Trigger
from routing.ringing import ring
from routing.roster import Agent
from routing.rules import NO_TERMS

COMPARED: Final = 1 + reasons.RUNNERS_UP
_PERSONAL: Final = -1
"""The rank, and the lane, of a contact that is kept for the agent."""

Waiting = Line[Contact]
Group = tuple[int, int]
"""(rank, -band): what is compared before anything that changes with time."""

Choice = tuple[int, int, int, int, int, Contact]
"""(rank, -band, -index, order, lane, contact): the smallest is taken first."""


def match(floor: Floor) -> None:
    """Make every offer that is possible now.

    Agents come first, longest idle first: each takes the best contact it may, so a contact that
    newly waits cannot pass a better one to an agent freed by the same command. The contact still
    chooses: its preferred agent, or whom the strategy prefers, goes first.
    """
    while floor.freed or floor.came:
        freed, floor.freed = floor.freed, {}
        ready = sorted((one for one in freed if one.ready), key=lambda agent: agent.order)
        for agent in ready[1:]:  # they compete with the first, so contacts must know of them
            floor.routes.seat(agent)
        for agent in ready:
            while _take_best(floor, agent, freed[agent], alone=len(ready) == 1):
                pass
            floor.routes.seat(agent)
        came, floor.came = floor.came, {}
        for contact in _in_turn(came, floor.now):
            if contact.waits and len(came) == 1:
                _place(floor, contact, came[contact])
            elif contact.waits:
                _place_among_others(floor, contact, came)


def _in_turn(contacts: Iterable[Contact], now: int) -> list[Contact]:
    """Sort contacts as an agent would take them."""

    def key(contact: Contact) -> tuple[int, int, int]:
        priority = contact.route.priority
        return (-priority.band, -priority.index(now - contact.arrival), contact.order)

    return sorted(contacts, key=key)


def _place_among_others(floor: Floor, contact: Contact, came: dict[Contact, Trigger]) -> None:
    """Offer a contact that came with others: an agent it finds may rank one of those before it."""
    trigger = came[contact]
    while contact.waits:
        free = _best_first(contact, _free_for(floor, contact))
        if not free:
            return
        if not _take_best(floor, free[0], trigger):
            _place(floor, contact, trigger)
        floor.routes.seat(free[0])


def _take_best(floor: Floor, agent: Agent, trigger: Trigger, *, alone: bool = False) -> bool:
    """Offer the best contact the agent may serve; False when there is none.

    `alone`: nobody else became free, so whatever it takes has nobody better.
    """
    agent, best = (agent, _best_of(floor, agent)) if alone else _best_pair(floor, agent)
    if not best:
        return False
    # A contact stands in a line of each ring that is open for it: it is told of once.
    others = {choice[-1]: choice for choice in reversed(best[1:])}
    others.pop(best[0][-1], None)
    runners_up = sorted(others.values())[: reasons.RUNNERS_UP]
    _place(floor, best[0][-1], trigger, also=agent, choice=best[0], others=runners_up)
    return True


def _best_of(floor: Floor, agent: Agent) -> list[Choice]:
    return nsmallest(2 * COMPARED, _choices(floor, agent))


def _best_pair(floor: Floor, agent: Agent) -> tuple[Agent, list[Choice]]:
    """Return the agent and its best choices, or those of whom its best contact prefers.

    Who is preferred may in turn prefer another contact, and so on: when many are free at once (a
    queue opens), the chain ends where both sides agree, or where it meets itself.
    """
    asked: dict[Agent, None] = {}
    best = _best_of(floor, agent)
    while best:
        asked[agent] = None
        contact = best[0][-1]
        preferred = _best_first(contact, (*_free_for(floor, contact), agent))[0]
        theirs = [] if preferred in asked else _best_of(floor, preferred)
        if not theirs:
            break
        agent, best = preferred, theirs
    return agent, best


def _choices(floor: Floor, agent: Agent) -> list[Choice]:
    """Return the best contacts the agent may take, by its present keys: the first few are exact.

    Only the head of a line can be the best of it, and no line of a lower rank or band needs to be
    compared once enough of a higher one are found.
    """
    found = list(_kept_for(floor, agent))
    groups = _lines_by_group(floor, agent)
    for group in sorted(groups):
        for lane, line in groups[group]:
            choice = _choice_of(floor, agent, lane, line)
            if choice is not None:
                found.append(choice)
        if len(found) >= 2 * COMPARED:
            break
    return found


def _lines_by_group(floor: Floor, agent: Agent) -> dict[Group, list[tuple[Lane[Contact], Waiting]]]:
    """Sort the lines where somebody waits for the agent by what is compared first."""
    terms_of = agent.lane_terms
    groups: dict[Group, list[tuple[Lane[Contact], Waiting]]] = {}
    for lane in floor.routes.waiting_for(agent):
        terms = terms_of.get(lane.index)
        rank = terms.rank if terms is not None else 0
        for line in lane.lines:
            if line.live:
                groups.setdefault((rank, -line.priority.band), []).append((lane, line))
    return groups


def _choice_of(floor: Floor, agent: Agent, lane: Lane[Contact], line: Waiting) -> Choice | None:
    """Return the first in the line whom the agent may take, with its key, if there is one."""
    contact = line.first_for(agent)
    if contact is None:
        return None
    waited = floor.now - (contact.order >> ORDER_BITS)
    terms = agent.lane_terms.get(lane.index)
    if terms is not None and terms.delay_us > max(waited, 0):
        return None
    rank = terms.rank if terms is not None else 0
    priority = line.priority
    return (rank, -priority.band, -priority.index(waited), contact.order, lane.index, contact)


def _kept_for(floor: Floor, agent: Agent) -> Iterator[Choice]:
    for contact in floor.routes.kept_for(agent.id):
        route = contact.route
        if route.queue.is_open and agent.has_room(route.channel) and not contact.excludes(agent):
            yield (_PERSONAL, 0, 0, contact.order, _PERSONAL, contact)
            return


def _place(
    floor: Floor,
    contact: Contact,
    trigger: Trigger,
    *,
    also: Agent | None = None,
    choice: Choice | None = None,
    others: Sequence[Choice] = (),
) -> None:
    """Offer the contact to the best free agents, if any; `also` is free but not listed."""
    free = dict.fromkeys(_free_for(floor, contact))
    if also is not None:
        free[also] = None
    if not free:
        return
    best = _best_first(contact, free)
    at_once = max(contact.route.queue.rules.offers_at_once, 1)
    chosen = []
    for place, agent in enumerate(best[:at_once]):
        rank = choice[0] if choice is not None else reasons.rank_for(contact, agent)
        decision = reasons.decision(
            floor,
            contact,
            agent,
            trigger=trigger,
            rank=rank,
            agents=best[max(place + 1, at_once) :],
            contacts=others,
        )
        chosen.append((agent, decision))
    ring(floor, contact, chosen)
    if floor.routes.keys_move:
        for agent, _ in chosen:
            agent.version += 1
            floor.routes.seat(agent)


def _best_first(contact: Contact, free: Iterable[Agent]) -> list[Agent]:
    return sorted(dict.fromkeys(free), key=lambda agent: reasons.agent_key(contact, agent))


def _free_for(floor: Floor, contact: Contact) -> Iterator[Agent]:
    """Yield free agents who may be offered the contact now: enough to find the best of them."""
    route = contact.route
    if not route.queue.is_open:
        return
    yield from _preferred(floor, contact)
    if contact.keeping is not Keeping.NO:
        return
    waited, enough = floor.now - contact.arrival, max(COMPARED, route.queue.rules.offers_at_once)
    found = 0
    for lane in route.lanes[: contact.ring]:
        for agent in lane.idlest(contact, enough, waited):
            found += 1
            yield agent
        if found >= enough:
            return


def _preferred(floor: Floor, contact: Contact) -> Iterator[Agent]:
    """Yield the preferred agent if it could be offered the contact now."""
    agent = floor.roster.find(contact.preferred) if contact.preferred else None
    if agent is None or contact.excludes(agent) or not agent.has_room(contact.route.channel):
        return
    if contact.keeping is Keeping.PINNED or _reaches(floor, contact, agent):
        yield agent


def _reaches(floor: Floor, contact: Contact, agent: Agent) -> bool:
    """Say whether one of the contact's open rings has the agent, and its delay is over."""
    waited = floor.now - contact.arrival
    for lane in contact.route.lanes[: max(contact.ring, 1)]:
        if lane.admits(agent):
            terms = agent.lane_terms.get(lane.index, NO_TERMS)
            return not terms.delay_us or terms.delay_us <= waited
    return False
