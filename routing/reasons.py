"""Counts who could take a contact and what stops the others; builds the record of a decision."""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from routing.contacts import Contact, Keeping
from routing.floor import Floor
from routing.gates import gates
from routing.lines import number_of
from routing.model import Stage, Trigger
from routing.records import AGENT_KEY, CONTACT_KEY, Decision, RunnerUp, Standing
from routing.roster import Agent
from routing.rules import NO_TERMS

RUNNERS_UP: Final = 3
Choice = tuple[int, int, int, int, int, Contact]


def ring_of(contact: Contact, agent: Agent) -> int:
    """Return the first ring of the contact that has the agent, or one past the last."""
    for ring, lane in enumerate(contact.route.lanes):
        if lane.admits(agent):
            return ring
    return len(contact.route.lanes)


def rank_for(contact: Contact, agent: Agent) -> int:
    """Return the rank of the contact's queue for the agent; -1 when it waits for this agent."""
    if contact.keeping is not Keeping.NO and contact.preferred == agent.id:
        return -1
    return agent.terms(contact.route.queue.id).rank


def agent_key(contact: Contact, agent: Agent) -> tuple[int, ...]:
    """Return the agent's key for the contact by AGENT_KEY; the smallest wins."""
    ring = ring_of(contact, agent)
    lane = contact.route.lanes[min(ring, len(contact.route.lanes) - 1)]
    preferred = 0 if contact.preferred == agent.id else 1
    return (preferred, ring, lane.key_of(agent), agent.idle_since, agent.index)


def contact_key(contact: Contact, rank: int, now: int) -> tuple[int, ...]:
    """Return the contact's key by CONTACT_KEY; the smallest wins."""
    priority, arrival = contact.route.priority, contact.arrival
    if rank < 0:
        return (rank, 0, 0, arrival, number_of(contact.order))
    index = priority.index(now - arrival)
    return (rank, -priority.band, -index, arrival, number_of(contact.order))


def decision(
    floor: Floor,
    contact: Contact,
    agent: Agent,
    *,
    trigger: Trigger,
    rank: int | None = None,
    agents: Sequence[Agent] = (),
    contacts: Sequence[Choice] = (),
    by: UUID | None = None,
) -> Decision:
    """Record why the contact goes to the agent; `agents` and `contacts` were compared and lost."""
    route = contact.route
    key = agent_key(contact, agent)
    own = contact_key(contact, rank_for(contact, agent) if rank is None else rank, floor.now)
    runners_up = (*_lost_agents(contact, key, agents), *_lost_contacts(own, contacts))
    ring = min(max(key[1], 0), len(route.lanes) - 1)
    return Decision(
        trigger=trigger,
        now_us=floor.now,
        contact=contact.id,
        agent=agent.id,
        queue=route.queue.id,
        channel=route.channel,
        waited_us=max(floor.now - contact.arrival, 0),
        preferred=contact.preferred == agent.id,
        strategy=route.queue.rules.strategy.value,
        skills=route.lanes[ring].requirement.skills,
        ring=ring,
        target_us=route.priority.target_us,
        agent_key=key,
        contact_key=own,
        gates=gates(floor, contact),
        runners_up=runners_up[:RUNNERS_UP],
        by=by,
    )


def _lost_agents(
    contact: Contact, best: tuple[int, ...], others: Sequence[Agent]
) -> Iterator[RunnerUp]:
    for agent in others[:RUNNERS_UP]:
        key = agent_key(contact, agent)
        yield RunnerUp("agent", agent.id, key, _first_difference(AGENT_KEY, best, key))


def _lost_contacts(best: tuple[int, ...], others: Sequence[Choice]) -> Iterator[RunnerUp]:
    for rank, band, index, _, _, contact in others:
        key = (rank, band, index, contact.arrival, number_of(contact.order))
        yield RunnerUp("contact", contact.id, key, _first_difference(CONTACT_KEY, best, key))


def _first_difference(names: Sequence[str], best: Sequence[int], key: Sequence[int]) -> str:
    compared = zip(names, best, key, strict=True)
    return next(name for name, mine, other in compared if mine != other)


def standing(floor: Floor, contact: Contact, now: int) -> Standing:
    """Say where a contact stands and, gate by gate, why nobody has it yet."""
    route, found = contact.route, gates(floor, contact, now)
    opens = [gate.opens_at_us for gate in found.blocked if gate.opens_at_us is not None]
    ring = max(contact.ring, 1) - 1
    return Standing(
        contact=contact.id,
        stage=_stage(contact),
        queue=route.queue.id,
        channel=route.channel,
        waited_us=max(now - contact.arrival, 0),
        gates=found,
        contact_key=contact_key(contact, NO_TERMS.rank, now),
        skills=route.lanes[min(ring, len(route.lanes) - 1)].requirement.skills,
        ring=ring,
        target_us=route.priority.target_us,
        agent=_with_whom(contact),
        offer_expires_at_us=contact.offers[0].expires_at if contact.offers else None,
        opens_at_us=min(opens, default=None),
        overflows_at_us=_overflows_at(contact),
        callback=contact.more is not None and contact.more.callback_of is not None,
    )


def _stage(contact: Contact) -> Stage:
    if contact.agent is not None:
        return Stage.WRAP_UP if contact.wrapping else Stage.HELD
    return Stage.OFFERED if contact.offers else Stage.WAITING


def _with_whom(contact: Contact) -> UUID | None:
    if contact.agent is not None:
        return contact.agent.id
    return contact.offers[0].agent.id if contact.offers else None


def _overflows_at(contact: Contact) -> int | None:
    overflowing = contact.route.queue.overflowing
    if overflowing is None or not contact.waits or not contact.may_overflow:
        return None
    return contact.entered + overflowing.after_us
