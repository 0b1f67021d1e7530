"""The one writer of the routing engine: hears the journal, decides, stores, and only then tells."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.crash import crash_here
from kernel.database import Database
from kernel.errors import CenterError, ConflictError, NotFoundError, OverloadedError
from kernel.journal import Noted
from kernel.supervise import first_of
from routing import commands, effects, explain, queries
from routing import service as routing
from routing.commands import Command
from routing.engine import Engine
from routing.model import Ended, Leaving, Presence, Refusal, Rules
from routing.records import Decision, Standing
from routing.rules import Priority, QueueRules
from staff import presence, roster
from tickets import service as tickets

logger = logging.getLogger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
BATCH = 200
LONGEST_REST_SECONDS = 5.0
HEARD = frozenset(
    {
        "ContactQueued",
        "ContactReopened",
        "ContactEnded",
        "PresenceChanged",
        "QueueChanged",
        "StaffChanged",
    }
)
RULES = Rules(ringing_at_once=1)
"""One toast at a time: the next rings when this one is answered."""
OFFER_ENDINGS = {Ended.DECLINED: "declined", Ended.MISSED: "timed_out"}


@dataclass(slots=True)
class Job:
    """One command, and who waits for its outcome."""

    command: Command
    done: asyncio.Future[None] | None = None


class Dispatcher:
    """Applies commands in order, batch by batch, each batch's effects in one transaction.

    The engine lives in memory and the database is the truth: when effects cannot be stored (a
    contact was closed a moment ago, the database is away) the engine is rebuilt from it.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._jobs: deque[Job] = deque()
        self._nudged = asyncio.Event()
        self._engine = Engine(RULES)
        self._ringing: dict[UUID, tuple[UUID, UUID]] = {}
        self._roster_stale = False
        self._names: dict[UUID, str] = {}
        self._targets: dict[UUID, int] = {}

    # What others ask for.

    async def accept(self, offer_id: UUID, agent_id: UUID) -> UUID:
        """The agent takes the offer; return the contact. Refused when the offer is over."""
        contact_id = self._rings_at(offer_id, agent_id)
        await self._do(commands.OfferAccepted(offer=offer_id, agent=agent_id, contact=contact_id))
        return contact_id

    async def decline(self, offer_id: UUID, agent_id: UUID) -> None:
        contact_id = self._rings_at(offer_id, agent_id)
        await self._do(commands.OfferDeclined(offer=offer_id, agent=agent_id, contact=contact_id))

    async def take(self, contact_id: UUID, agent_id: UUID) -> None:
        await self._do(commands.TakeByHand(contact=contact_id, agent=agent_id))

    async def assign(self, contact_id: UUID, agent_id: UUID, *, by: UUID) -> None:
        await self._do(commands.AssignByHand(contact=contact_id, agent=agent_id, by=by))

    async def move(self, contact_id: UUID, queue_id: UUID) -> None:
        """Let the contact wait in this queue by its old place (the same queue: give it back)."""
        await self._do(commands.MoveToQueue(contact=contact_id, queue=queue_id))

    async def vanished(self, agent_id: UUID) -> None:
        """The agent's console is gone for good: what they held waits again."""
        await self._do(commands.AgentVanished(agent=agent_id))

    def why(self, contact_id: UUID) -> tuple[Standing, list[dict[str, Any]]]:
        """Say where an open contact stands, as facts and as sentences."""
        now_us = self._now_us()
        standing = self._engine.why(contact_id, now_us)
        return standing, _plain(explain.of_standing(standing, self._names, now_us))

    def hear(self, noted: Sequence[Noted]) -> None:
        """Journal entries that change what the engine knows."""
        for entry in noted:
            if entry.kind in HEARD:
                self._hear_one(entry)
        self._nudged.set()

    # The loop.

    async def run(self) -> None:
        """Restore the engine, then apply what comes and what falls due, for ever."""
        await self._restore()
        while True:
            self._nudged.clear()
            if not self._jobs:
                await first_of(self._nudged.wait(), self._clock.sleep(self._rest_seconds()))
            if self._roster_stale:
                await self._reload_roster()
            await self._step()

    async def _step(self) -> None:
        jobs = [self._jobs.popleft() for _ in range(min(BATCH, len(self._jobs)))]
        try:
            refused = await self._apply(jobs or [Job(commands.Tick())])
        except CenterError as error:
            logger.warning("routing effects not stored", extra={"cause": error.message})
            _answer(jobs, OverloadedError() if error.code == "overloaded" else error)
            await self._restore()
        except BaseException:
            _answer(jobs, OverloadedError())
            raise
        else:
            for job in jobs:
                _answer([job], refused.get(id(job)))

    async def _apply(self, jobs: Sequence[Job]) -> dict[int, Exception]:
        """Apply the commands and store everything that follows from them."""
        refused: dict[int, Exception] = {}
        made: list[effects.Effect] = []
        for job in jobs:
            for effect in self._engine.apply(job.command, self._now_us()):
                if isinstance(effect, effects.Refused):
                    refused[id(job)] = _refusal(effect)
                else:
                    made.append(effect)
        if made:
            now = self._clock.now()
            async with self._database.transaction() as session:
                for effect in made:
                    await self._store(session, effect, now)
                crash_here("dispatch.before_commit")
            crash_here("dispatch.after_commit")
            self._remember(made)
        return refused

    async def _store(self, session: AsyncSession, effect: effects.Effect, now: datetime) -> None:
        match effect:
            case effects.OfferMade():
                await routing.store_offer(
                    session,
                    offer_id=effect.offer,
                    contact_id=effect.contact,
                    agent_id=effect.agent,
                    expires_at=_moment(effect.expires_at_us),
                    decision={"decision": msgspec.to_builtins(effect.decision)},
                    why=self._sentences(effect.decision),
                    now=now,
                )
            case effects.OfferWithdrawn():
                state = OFFER_ENDINGS.get(effect.reason, "withdrawn")
                await routing.end_offer(
                    session, effect.offer, state=state, reason=effect.reason.value, now=now
                )
            case effects.ContactRequeued():
                await routing.requeue(
                    session, effect.contact, reason=effect.reason.value, queue_id=effect.queue
                )
            case effects.ContactAssigned():
                await self._store_assignment(session, effect, now)
            case effects.AgentNotReady():
                await presence.set_presence(
                    session, effect.agent, state="away", reason=effect.reason.value, now=now
                )
            case effects.ContactTurnedAway():
                contact = await routing.find_contact(session, effect.contact)
                await routing.end_contact(session, contact, state="flowed_out", now=now)
            case _:
                pass

    async def _store_assignment(
        self, session: AsyncSession, effect: effects.ContactAssigned, now: datetime
    ) -> None:
        why = None
        if effect.offer is not None:
            await routing.end_offer(session, effect.offer, state="accepted", reason="", now=now)
        elif effect.decision is not None:
            why = {
                "sentences": self._sentences(effect.decision),
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

    def _sentences(self, decision: Decision) -> list[dict[str, Any]]:
        target = self._targets.get(decision.queue)
        return _plain(explain.of_decision(decision, self._names, target_us=target))

    def _remember(self, made: Sequence[effects.Effect]) -> None:
        for effect in made:
            if isinstance(effect, effects.OfferMade):
                self._ringing[effect.offer] = (effect.contact, effect.agent)
            elif isinstance(effect, effects.OfferWithdrawn | effects.ContactAssigned):
                # Given by hand, a contact had no offer: nothing rang.
                self._ringing.pop(effect.offer or effect.contact, None)

    # What the engine must know.

    def _hear_one(self, entry: Noted) -> None:
        if entry.kind in {"QueueChanged", "StaffChanged"}:
            self._roster_stale = True
        elif entry.kind == "PresenceChanged":
            agent_id = UUID(entry.data["agent_id"])
            self._jobs.append(Job(_presence_command(agent_id, Presence(entry.data["state"]))))
        elif entry.contact_id is not None and entry.kind == "ContactEnded":
            leaving = Leaving(entry.data["state"])
            self._jobs.append(Job(commands.ContactLeft(contact=entry.contact_id, reason=leaving)))
        elif entry.contact_id is not None and entry.queue_id is not None:
            self._jobs.append(Job(_arrival_command(entry, entry.contact_id, entry.queue_id)))

    async def _restore(self) -> None:
        """Rebuild the engine from the database; offers that rang are withdrawn and made anew."""
        now = self._clock.now()
        async with self._database.transaction() as session:
            await queries.withdraw_ringing(session, now)
        engine = Engine(RULES, suspended=True)
        async with self._database.reading() as session:
            for command in await self._profile(session, with_idle=True):
                engine.apply(command, self._now_us())
            for contact in await queries.open_contacts(session):
                engine.apply(_contact_command(contact), self._now_us())
        self._engine = engine
        self._ringing.clear()
        await self._apply([Job(commands.Resume())])

    async def _reload_roster(self) -> None:
        self._roster_stale = False
        async with self._database.reading() as session:
            profile = await self._profile(session, with_idle=False)
        self._jobs.extendleft(Job(command) for command in reversed(profile))

    async def _profile(self, session: AsyncSession, *, with_idle: bool) -> list[Command]:
        """Everything about queues and agents, as the commands that tell the engine."""
        found: list[Command] = []
        for queue in await routing.list_queues(session):
            self._names[queue.id] = queue.name
            self._targets[queue.id] = queue.service_target_seconds * 1_000_000
            timeout = queue.offer_seconds * 1_000_000
            rules = QueueRules(
                offer_timeout_us=timeout, priority=Priority(target_us=self._targets[queue.id])
            )
            found.append(commands.QueueSet(queue=queue.id, rules=rules))
        queues_of: dict[UUID, list[UUID]] = {}
        for queue_id, agent_ids in sorted((await routing.members(session)).items()):
            for agent_id in agent_ids:
                queues_of.setdefault(agent_id, []).append(queue_id)
        for seat in await roster.seats(session):
            self._names[seat.agent_id] = seat.name
            idle = seat.idle_since if with_idle else None
            found.append(
                commands.AgentSet(
                    agent=seat.agent_id,
                    queues=tuple(queues_of.get(seat.agent_id, ())),
                    capacity=seat.capacity,
                    state=Presence(seat.state),
                    idle_since_us=_micros(idle) if idle else None,
                )
            )
        return found

    def _rings_at(self, offer_id: UUID, agent_id: UUID) -> UUID:
        contact_id, ringing_at = self._ringing.get(offer_id, (None, None))
        if contact_id is None or ringing_at != agent_id:
            raise ConflictError("this offer is over")
        return contact_id

    async def _do(self, command: Command) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._jobs.append(Job(command, done))
        self._nudged.set()
        await done

    def _rest_seconds(self) -> float:
        due = self._engine.next_due()
        if due is None:
            return LONGEST_REST_SECONDS
        return min(max((due - self._now_us()) / 1_000_000, 0.001), LONGEST_REST_SECONDS)

    def _now_us(self) -> int:
        return _micros(self._clock.now())


def _contact_command(contact: queries.OpenContact) -> Command:
    if contact.agent_id is not None and contact.state in {"active", "wrap_up"}:
        return commands.ContactHeld(
            contact=contact.id,
            queue=contact.queue_id,
            channel=contact.channel,
            virtual_arrival_us=_micros(contact.virtual_arrival),
            agent=contact.agent_id,
            preferred_agent=contact.preferred_agent_id,
        )
    return commands.ContactQueued(
        contact=contact.id,
        queue=contact.queue_id,
        channel=contact.channel,
        virtual_arrival_us=_micros(contact.virtual_arrival),
        preferred_agent=contact.preferred_agent_id,
    )


def _arrival_command(entry: Noted, contact_id: UUID, queue_id: UUID) -> Command:
    """A contact that waits, or one that an agent has back after taking an answer back."""
    arrival_us = _micros(datetime.fromisoformat(entry.data["virtual_arrival"]))
    if entry.kind == "ContactReopened":
        return commands.ContactHeld(
            contact=contact_id,
            queue=queue_id,
            channel=entry.data["channel"],
            virtual_arrival_us=arrival_us,
            agent=UUID(entry.data["agent_id"]),
        )
    preferred = entry.data.get("preferred_agent_id")
    return commands.ContactQueued(
        contact=contact_id,
        queue=queue_id,
        channel=entry.data["channel"],
        virtual_arrival_us=arrival_us,
        preferred_agent=UUID(preferred) if preferred else None,
    )


def _presence_command(agent_id: UUID, state: Presence) -> Command:
    """Who goes offline leaves the desk: what they held waits again, at its old place."""
    if state is Presence.OFFLINE:
        return commands.AgentVanished(agent=agent_id)
    return commands.AgentStateChanged(agent=agent_id, state=state)


def _refusal(effect: effects.Refused) -> CenterError:
    if effect.reason is Refusal.UNKNOWN_CONTACT:
        return NotFoundError("this contact is closed")
    if effect.reason is Refusal.OFFER_GONE:
        return ConflictError("this offer is over")
    if effect.reason is Refusal.ALREADY_YOURS:
        return ConflictError("you have this contact already")
    return ConflictError("somebody else has this contact")


def _answer(jobs: Sequence[Job], error: Exception | None) -> None:
    for job in jobs:
        if job.done is None or job.done.done():
            continue
        if error is None:
            job.done.set_result(None)
        else:
            job.done.set_exception(error)


def _plain(sentences: Sequence[explain.Sentence]) -> list[dict[str, Any]]:
    """Sentences as they are stored and sent: key, parameters, and plain English."""
    return [
        {"key": one.key, "params": dict(one.facts), "text": explain.english([one])}
        for one in sentences
    ]


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
