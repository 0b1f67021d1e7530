"""Counts who could take a contact and what stops the others; builds the record of a decision."""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from routing.lanes import Contact
from routing.model import (
    AGENT_KEY,
    CONTACT_KEY,
    Blocked,
    Decision,
    Gate,
    Gates,
    Presence,
    RunnerUp,
    Stage,
    Standing,
    Trigger,
)
from routing.roster import Agent, Roster

RUNNERS_UP: Final = 3


def gates(roster: Roster, contact: Contact, now: int) -> Gates:
    """Sort all agents by the first gate that stops them from being offered the contact."""
    requirement = contact.lane.requirement
    everybody = (1 << len(roster)) - 1
    passing = everybody
    blocked: list[Blocked] = []
    for gate, may_pass in (
        (Gate.NOT_IN_QUEUE, roster.in_queue.get(requirement.queue, 0)),
        (Gate.NOT_ON_CHANNEL, contact.lane.members),
        (Gate.OFFLINE, ~roster.present[Presence.OFFLINE]),
        (Gate.AWAY, ~roster.present[Presence.AWAY]),
        (Gate.MISSED_OFFER, ~roster.missed),
        (Gate.AT_CAPACITY, roster.room.get(requirement.channel, 0)),
    ):
        stopped = (passing & ~may_pass).bit_count()
        passing &= may_pass
        if stopped:
            blocked.append(Blocked(gate, stopped))
    passing, excluded = _without_excluded(contact, passing, now)
    return Gates(
        agents=len(roster),
        eligible=contact.lane.members.bit_count(),
        available=passing.bit_count(),
        blocked=(*blocked, *excluded),
    )


def _without_excluded(contact: Contact, passing: int, now: int) -> tuple[int, list[Blocked]]:
    opens: list[int] = []
    stopped = 0
    for index, until in (contact.excluded or {}).items():
        if passing >> index & 1 and (until is None or until > now):
            passing &= ~(1 << index)
            stopped += 1
            opens += [] if until is None else [until]
    if not stopped:
        return passing, []
    return passing, [Blocked(Gate.EXCLUDED, stopped, min(opens, default=None))]


def agent_key(contact: Contact, agent: Agent) -> tuple[int, ...]:
    """Return the agent's key for the contact by AGENT_KEY; the smallest wins."""
    return (0 if contact.preferred == agent.id else 1, agent.idle_since, agent.index)


def decision(
    roster: Roster,
    contact: Contact,
    agent: Agent,
    *,
    trigger: Trigger,
    now: int,
    agents: Sequence[Agent] = (),
    contacts: Sequence[Contact] = (),
    by: UUID | None = None,
) -> Decision:
    """Record why the contact goes to the agent; `agents` and `contacts` were compared and lost."""
    requirement = contact.lane.requirement
    runners_up = (*_lost_agents(contact, agent, agents), *_lost_contacts(contact, contacts))
    return Decision(
        trigger=trigger,
        now_us=now,
        contact=contact.id,
        agent=agent.id,
        queue=requirement.queue,
        channel=requirement.channel,
        waited_us=max(now - contact.arrival, 0),
        preferred=contact.preferred == agent.id,
        agent_key=agent_key(contact, agent),
        contact_key=contact.order,
        gates=gates(roster, contact, now),
        runners_up=runners_up[:RUNNERS_UP],
        by=by,
    )


def _lost_agents(contact: Contact, winner: Agent, others: Sequence[Agent]) -> Iterator[RunnerUp]:
    best = agent_key(contact, winner)
    for agent in others:
        key = agent_key(contact, agent)
        yield RunnerUp("agent", agent.id, key, _first_difference(AGENT_KEY, best, key))


def _lost_contacts(winner: Contact, others: Sequence[Contact]) -> Iterator[RunnerUp]:
    for contact in others:
        lost_on = _first_difference(CONTACT_KEY, winner.order, contact.order)
        yield RunnerUp("contact", contact.id, contact.order, lost_on)


def _first_difference(names: Sequence[str], best: Sequence[int], key: Sequence[int]) -> str:
    compared = zip(names, best, key, strict=True)
    return next(name for name, mine, other in compared if mine != other)


def standing(roster: Roster, contact: Contact, now: int) -> Standing:
    """Say where a contact stands and, gate by gate, why nobody has it yet."""
    found = gates(roster, contact, now)
    opens = [gate.opens_at_us for gate in found.blocked if gate.opens_at_us is not None]
    stage = Stage.WAITING if contact.waits else Stage.OFFERED if contact.offer else Stage.HELD
    return Standing(
        contact=contact.id,
        stage=stage,
        queue=contact.lane.requirement.queue,
        channel=contact.lane.requirement.channel,
        waited_us=max(now - contact.arrival, 0),
        gates=found,
        agent=contact.agent.id if contact.agent else None,
        offer_expires_at_us=contact.offer.expires_at if contact.offer else None,
        opens_at_us=min(opens, default=None),
    )
