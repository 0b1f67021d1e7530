"""Stores what the routing engine decided: contacts, offers, presence, and the reasons of each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, cast
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from desk.routing_facts import moment
from kernel.prepared import flush
from routing import effects, explain
from routing import service as routing
from routing.model import Ended
from routing.records import Decision
from staff import presence
from tickets import service as tickets

OFFER_ENDINGS = {Ended.DECLINED: "declined", Ended.MISSED: "timed_out"}


class Outcomes:
    """Writes effects in the order they were decided; names and targets make their sentences."""

    def __init__(self, names: Mapping[UUID, str], targets: Mapping[UUID, int]) -> None:
        self._names = names
        self._targets = targets

    async def store(
        self, session: AsyncSession, made: Sequence[effects.Effect], now: datetime
    ) -> None:
        """Store all of them; what is alike and follows one another goes together."""
        await self._hold_tickets(session, made)
        for kind, alike in groupby(made, _kind):
            together = list(alike)
            if kind is effects.OfferMade:
                await self._store_offers(session, cast("list[effects.OfferMade]", together), now)
            elif kind is routing.Accepted:
                taken = cast("list[effects.ContactAssigned]", together)
                await self._store_accepted(session, taken, now)
            else:
                for effect in together:
                    await self._store(session, effect, now)

    @staticmethod
    async def _hold_tickets(session: AsyncSession, made: Sequence[effects.Effect]) -> None:
        """Lock the tickets that will change before any contact, as everybody does who changes both:
        a client who chooses from a menu, and an agent who answers. SQLite has one writer."""
        taken = [one.contact for one in made if isinstance(one, effects.ContactAssigned)]
        if taken and session.get_bind().dialect.name != "sqlite":
            await tickets.hold(session, await routing.tickets_of(session, taken))

    async def _store_offers(
        self, session: AsyncSession, made: Sequence[effects.OfferMade], now: datetime
    ) -> None:
        offers = [
            routing.NewOffer(
                offer_id=one.offer,
                contact_id=one.contact,
                agent_id=one.agent,
                expires_at=moment(one.expires_at_us),
                decision={"decision": msgspec.to_builtins(one.decision)},
                sentences=self.sentences(one.decision),
            )
            for one in made
        ]
        await routing.store_offers(session, offers, now)

    @staticmethod
    async def _store_accepted(
        session: AsyncSession, made: Sequence[effects.ContactAssigned], now: datetime
    ) -> None:
        """Store who took what rang; the tickets are theirs from now on."""
        # Plain statements change what objects of the effects before may show.
        await flush(session)
        session.expunge_all()
        accepted = [
            routing.Accepted(offer_id=one.offer, contact_id=one.contact, agent_id=one.agent)
            for one in made
            if one.offer is not None
        ]
        ticket_of = await routing.store_accepted(session, accepted, now)
        await tickets.take(session, {ticket_of[one.contact_id]: one.agent_id for one in accepted})

    async def _store(self, session: AsyncSession, effect: effects.Effect, now: datetime) -> None:
        match effect:
            case effects.OfferWithdrawn():
                state = OFFER_ENDINGS.get(effect.reason, "withdrawn")
                await routing.end_offer(
                    session, effect.offer, state=state, reason=effect.reason.value, now=now
                )
            case effects.ContactRequeued():
                await self._requeue(session, effect, now)
            case effects.ContactAssigned():
                await self._assign(session, effect, now)
            case effects.ContactTurnedAway() | effects.CallbackCancelled():
                await self._end(session, effect, now)
            case effects.WrapUpEnded():
                contact = await routing.find_contact(session, effect.contact)
                # An answer taken back at this moment may have let the conversation go on.
                if contact.state == "wrap_up":
                    await routing.end_contact(session, contact, state="closed", now=now)
            case effects.AgentNotReady():
                # Who went offline, or was let go, is not made away by it.
                if await presence.is_here(session, effect.agent):
                    await presence.set_presence(
                        session, effect.agent, state="away", reason=effect.reason.value, now=now
                    )

    @staticmethod
    async def _requeue(
        session: AsyncSession, effect: effects.ContactRequeued, now: datetime
    ) -> None:
        arrival = effect.virtual_arrival_us
        await routing.requeue(
            session,
            effect.contact,
            reason=effect.reason.value,
            queue_id=effect.queue,
            now=now,
            virtual_arrival=None if arrival is None else moment(arrival),
            pinned_to=effect.pinned_to,
            left=effect.left,
        )

    @staticmethod
    async def _end(
        session: AsyncSession,
        effect: effects.ContactTurnedAway | effects.CallbackCancelled,
        now: datetime,
    ) -> None:
        if isinstance(effect, effects.CallbackCancelled):
            arrival = moment(effect.virtual_arrival_us)
            await routing.take_place_of(session, effect.by, virtual_arrival=arrival, now=now)
        contact = await routing.find_contact(session, effect.contact)
        await routing.end_contact(session, contact, state="flowed_out", now=now)

    async def _assign(
        self, session: AsyncSession, effect: effects.ContactAssigned, now: datetime
    ) -> None:
        """A contact given by hand, without an offer."""
        why = None
        if effect.decision is not None:
            why = {
                "sentences": self.sentences(effect.decision),
                "decision": msgspec.to_builtins(effect.decision),
            }
        contact = await routing.give_to_agent(
            session, effect.contact, effect.agent, now=now, why=why
        )
        ticket = await tickets.find_for_house(session, contact.ticket_id)
        await tickets.change(
            session,
            ticket,
            {
                "assignee_id": effect.agent,
                "status": "open" if ticket.status == "new" else ticket.status,
            },
            actor_id=effect.agent,
            now=now,
        )

    def sentences(self, decision: Decision) -> list[dict[str, Any]]:
        target = self._targets.get(decision.queue)
        return plain(explain.of_decision(decision, self._names, target_us=target))


def _kind(effect: effects.Effect) -> type:
    if isinstance(effect, effects.ContactAssigned) and effect.offer is not None:
        return routing.Accepted
    return type(effect)


def plain(sentences: Sequence[explain.Sentence]) -> list[dict[str, Any]]:
    """Sentences as they are stored and sent: key, parameters, and plain English."""
    return [
        {"key": one.key, "params": dict(one.facts), "text": explain.english([one])}
        for one in sentences
    ]
