"""Brings together who is free and who waits after a command, until no pair that fits is left.

Only agents who may take more and contacts that newly wait are looked at: nothing else can have
come to fit. Strategies per queue, bands and weights change the two keys compared here.
"""

from collections.abc import Sequence
from heapq import nsmallest
from typing import Final

from routing import reasons
from routing.floor import Floor
from routing.lanes import Contact
from routing.model import Trigger
from routing.roster import Agent

COMPARED: Final = 1 + reasons.RUNNERS_UP


def match(floor: Floor) -> None:
    """Make every offer that is possible now.

    Agents come first, longest idle first: each takes the oldest contact it may, so a contact that
    newly waits cannot pass an older one to an agent freed by the same command.
    """
    freed, floor.freed = floor.freed, {}
    for agent in sorted(freed, key=lambda agent: agent.order):
        if agent.ready:
            _fill(floor, agent, freed[agent])
            floor.lanes.seat(agent)
    came, floor.came = floor.came, {}
    for contact in sorted(came, key=lambda contact: contact.order):
        if contact.waits and floor.contacts.get(contact.id) is contact:
            _place(floor, contact, came[contact])


def _fill(floor: Floor, agent: Agent, trigger: Trigger) -> None:
    """Offer the oldest contacts the agent may serve until it is full or none is left.

    The contact still chooses: its preferred agent, or one idle for longer, goes first.
    """
    while True:
        lines = (lane.line.first_for(agent) for lane in floor.lanes.waiting_for(agent))
        heads = (contact for contact in lines if contact is not None)
        best = nsmallest(COMPARED, heads, key=lambda contact: contact.order)
        if not best:
            return
        _place(floor, best[0], trigger, also=(agent,), others=best[1:])


def _place(
    floor: Floor,
    contact: Contact,
    trigger: Trigger,
    *,
    also: Sequence[Agent] = (),
    others: Sequence[Contact] = (),
) -> None:
    """Offer the contact to the best free agent, if there is one; `also` is free but not listed."""
    free = (*_preferred(floor, contact), *also, *contact.lane.idlest(contact, COMPARED))
    best = sorted(dict.fromkeys(free), key=lambda agent: reasons.agent_key(contact, agent))
    if best:
        decision = reasons.decision(
            floor.roster,
            contact,
            best[0],
            trigger=trigger,
            now=floor.now,
            agents=best[1:],
            contacts=others,
        )
        floor.ring(contact, best[0], decision)


def _preferred(floor: Floor, contact: Contact) -> tuple[Agent, ...]:
    """Return the preferred agent if it could be offered the contact now."""
    agent = floor.roster.find(contact.preferred) if contact.preferred else None
    if agent is None or contact.excludes(agent) or not contact.lane.admits(agent):
        return ()
    return (agent,) if agent.has_room(contact.lane.channel) else ()
