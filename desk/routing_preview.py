"""What a change of a queue's rules would do to who waits: tried on a copy of the engine."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from desk import routing_facts
from desk.routing_facts import micros
from kernel.limits import PREVIEW_CONTACTS
from routing import commands, effects
from routing.doubts import Doubt, doubts
from routing.engine import Engine
from routing.model import Gate
from routing.records import Gates
from routing.rules import QueueRules


class Preview(Struct, frozen=True, kw_only=True):
    """Of the contacts waiting in the queue: how many would ring, go on, go away, or find nobody.

    `fewer` and `more` count those whom fewer or more agents could take than by the rules of now;
    `unserved` are contacts that no agent could take, whatever the time and whoever is free.
    """

    waiting: int
    offered: int
    moved_on: int
    turned_away: int
    fewer: int
    more: int
    unserved: Sequence[UUID]
    agents: int
    """How many agents could take the first of them, if they were free."""
    doubts: Sequence[Doubt]


async def preview(
    session: AsyncSession, queue_id: UUID, rules: QueueRules, now: datetime
) -> Preview:
    """Rebuild the floor from the database with these rules and let it decide once."""
    facts = await routing_facts.setup(session, now, with_idle=True)
    open_contacts, _ = await routing_facts.open_contacts(session, {}, now)
    engine = Engine(suspended=True)
    for place, command in enumerate((*facts.told, *open_contacts)):
        engine.apply(command, micros(now))
        await _breathe(place, 200)
    before = await _candidates(engine, queue_id, now)
    engine.apply(commands.QueueSet(queue_id, rules), micros(now))
    able = await _candidates(engine, queue_id, now)
    waiting = list(able)
    told = engine.apply(commands.Resume(), micros(now))
    here = set(waiting)
    return Preview(
        waiting=len(waiting),
        offered=_count(told, effects.OfferMade, here),
        moved_on=_count(told, effects.ContactRequeued, here),
        turned_away=_count(told, effects.ContactTurnedAway, here),
        fewer=sum(able[contact] < before.get(contact, 0) for contact in waiting),
        more=sum(able[contact] > before.get(contact, 0) for contact in waiting),
        unserved=[contact for contact in waiting if not able[contact]],
        agents=max(able.values(), default=0),
        doubts=doubts(
            queue_id,
            rules,
            [one for one in facts.told if isinstance(one, commands.AgentSet)],
            micros(now),
        ),
    )


async def _candidates(engine: Engine, queue_id: UUID, now: datetime) -> dict[UUID, int]:
    """Return by contact, in the order of their places, how many agents could take it."""
    able: dict[UUID, int] = {}
    for place, contact in enumerate(list(islice(engine.waiting(queue_id), PREVIEW_CONTACTS))):
        able[contact] = _able(engine.why(contact, micros(now)).gates)
        await _breathe(place, 20)
    return able


async def _breathe(place: int, every: int) -> None:
    """Let everybody else have a turn: a long queue takes long to look through."""
    if place % every == 0:
        await asyncio.sleep(0)


def _able(gates: Gates) -> int:
    """Count who could take a contact sooner or later: in an open ring or one that will open."""
    later = (one.agents for one in gates.blocked if one.gate is Gate.RING_CLOSED)
    return gates.eligible + sum(later)


def _count(
    told: Sequence[effects.Effect],
    kind: type[effects.OfferMade | effects.ContactRequeued | effects.ContactTurnedAway],
    here: set[UUID],
) -> int:
    return len({one.contact for one in told if isinstance(one, kind)} & here)
