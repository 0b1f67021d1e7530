"""The one writer of the routing engine: hears the journal, decides, stores, and only then tells."""

import asyncio
import gc
import logging
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from desk import routing_facts
from desk.routing_facts import ROSTER_KINDS, RUNG_TOGETHER, Facts, micros
from desk.routing_outcomes import Outcomes, plain
from kernel import leases
from kernel.clock import Clock
from kernel.crash import crash_here
from kernel.database import Database
from kernel.entries import Noted
from kernel.errors import CenterError, ConflictError, OverloadedError
from kernel.journal import last_seq
from kernel.leases import Lease, LeaseLostError
from kernel.limits import ROUTING_LEASE, ROUTING_RENEW_SECONDS
from kernel.settling import settled
from kernel.supervise import first_of
from routing import commands, effects, explain, queries
from routing.commands import Command
from routing.engine import Engine
from routing.model import Refusal, Rules
from routing.records import Estimate, QueueCounts, Standing

logger = logging.getLogger(__name__)

LEASE = "routing"
BATCH = 200
MANY = 10_000
QUICK_EFFECTS = 50
"""So many are stored faster where the loop runs than by trips to the database's thread."""
RULES = Rules(ringing_at_once=1, rung_together=RUNG_TOGETHER)
"""One toast at a time: the next rings when this one is answered."""


class Job(Struct):
    """One command, and who waits for its outcome."""

    command: Command
    done: asyncio.Future[None] | None = None
    seq: int = 0
    """Which journal entry said so, if one did."""


class Dispatcher:
    """Applies commands in order, batch by batch, each batch's effects in one transaction.

    The engine lives in memory and the database is the truth: when effects cannot be stored (a
    contact was closed a moment ago, the database is away) the engine is rebuilt from it. Of several
    nodes one leads, by a lease; every transaction proves that the lease is still its own, so a node
    that was frozen past its time stores nothing, and begins anew when it is free again.
    """

    def __init__(self, database: Database, clock: Clock, node: str = "alone") -> None:
        self._database = database
        self._clock = clock
        self._node = node
        self._lease: Lease | None = None
        self._renewed_at = 0.0
        self._leads = True
        """False while another node does; a dispatcher that was not started yet just collects."""
        self._jobs: deque[Job] = deque()
        self._nudged = asyncio.Event()
        self._engine = Engine(RULES)
        self._ringing: dict[UUID, tuple[UUID, UUID]] = {}
        self._roster_stale = False
        self._facts = Facts()
        self._known_seq = 0
        """What the journal says up to here is known from the tables."""
        self._today: date | None = None
        self._many = False
        """Whether what waits is left out of the search for garbage."""

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

    async def move(
        self, contact_id: UUID, queue_id: UUID, *, virtual_arrival_us: int | None = None
    ) -> None:
        """Let the contact wait in this queue by its old place (the same queue: give it back).

        By another place only while it waits: it is not taken away from who answered meanwhile.
        """
        await self._do(
            commands.MoveToQueue(
                contact=contact_id,
                queue=queue_id,
                virtual_arrival_us=virtual_arrival_us,
                only_waiting=virtual_arrival_us is not None,
            )
        )

    async def pin(self, contact_id: UUID, agent_id: UUID | None) -> None:
        """Let only this agent have the waiting contact; with None anybody again."""
        await self._do(commands.PinToAgent(contact=contact_id, agent=agent_id))

    async def vanished(self, agent_id: UUID) -> None:
        """The agent's console is gone for good: what they held waits again."""
        await self._do(commands.AgentVanished(agent=agent_id))

    def why(self, contact_id: UUID) -> tuple[Standing, list[dict[str, Any]]]:
        """Say where an open contact stands, as facts and as sentences."""
        self._must_lead()
        now_us = self._now_us()
        standing = self._engine.why(contact_id, now_us)
        return standing, plain(explain.of_standing(standing, self._facts.names, now_us))

    def estimate(self, contact_id: UUID) -> Estimate:
        """Say how long a waiting contact will probably wait still."""
        self._must_lead()
        return self._engine.estimate(contact_id)

    def counts(self) -> list[QueueCounts]:
        """Return the figures of every queue and channel since this node leads."""
        return self._engine.counts()

    def hear(self, noted: Sequence[Noted]) -> None:
        """Journal entries that change what the engine knows."""
        if not self._leads:
            return
        for entry in noted:
            if entry.seq > self._known_seq:
                self._hear_one(entry)
        if self._jobs or self._roster_stale:
            self._nudged.set()

    # The loop.

    async def run(self) -> None:
        """Lead whenever nobody else does: restore, then apply what comes and what falls due."""
        while True:
            self._leads = False
            self._lease = await self._until_ours()
            try:
                await self._lead()
            except LeaseLostError:
                logger.warning("another node gives out contacts now", extra={"node": self._node})
            finally:
                self._stand_down()

    async def _until_ours(self) -> Lease:
        while True:
            async with self._database.transaction() as session:
                now = self._clock.now()
                lease = await leases.take(session, LEASE, self._node, now, ROUTING_LEASE)
            if lease is not None:
                self._renewed_at = self._clock.monotonic()
                return lease
            await self._clock.sleep(ROUTING_RENEW_SECONDS)

    async def _lead(self) -> None:
        try:
            await self._restore()
            while True:
                await self._renew()
                self._nudged.clear()
                if not self._jobs:
                    await first_of(self._nudged.wait(), self._clock.sleep(self._rest_seconds()))
                if self._roster_stale or self._clock.now().date() != self._today:
                    await self._reload_roster()
                await self._step()
        except asyncio.CancelledError:
            await self._let_go()
            raise

    async def _renew(self) -> None:
        if (
            self._lease is None
            or self._clock.monotonic() - self._renewed_at < ROUTING_RENEW_SECONDS
        ):
            return
        asked_at = self._clock.monotonic()
        async with self._database.transaction() as session:
            now = self._clock.now()
            self._lease = await leases.renew(session, self._lease, now, ROUTING_LEASE)
        self._renewed_at = asked_at

    async def _let_go(self) -> None:
        """Leave the lease to the next node at once, if the database is still there."""
        if self._lease is not None:
            try:
                async with self._database.transaction() as session:
                    await leases.let_go(session, self._lease, self._clock.now())
            except CenterError:
                logger.warning("lease not given back: the database is away")

    def _stand_down(self) -> None:
        """Whoever waits for an outcome may ask the node that leads now."""
        self._leads, self._lease = False, None
        jobs, self._jobs = list(self._jobs), deque()
        self._ringing.clear()
        _answer(jobs, OverloadedError())

    async def _step(self) -> None:
        jobs = [self._jobs.popleft() for _ in range(min(BATCH, len(self._jobs)))]
        try:
            refused = await self._apply(jobs or [Job(commands.Tick())])
        except LeaseLostError:
            _answer(jobs, OverloadedError())
            raise
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
            # Before it is stored: whoever reads the journal may tell of an offer before we are back
            # from the commit, and who hears of it may take it at once.
            self._remember(made)
            await settled(lambda: self._store(made))
            crash_here("dispatch.after_commit")
        return refused

    async def _store(self, made: Sequence[effects.Effect]) -> None:
        outcomes = Outcomes(self._facts.names, self._facts.targets)
        async with self._database.transaction(quick=len(made) <= QUICK_EFFECTS) as session:
            if self._lease is not None:
                await leases.prove(session, self._lease)
            await outcomes.store(session, made, self._clock.now())
            crash_here("dispatch.before_commit")

    def _remember(self, made: Sequence[effects.Effect]) -> None:
        for effect in made:
            if isinstance(effect, effects.OfferMade):
                self._ringing[effect.offer] = (effect.contact, effect.agent)
            elif isinstance(effect, effects.OfferWithdrawn | effects.ContactAssigned):
                # Given by hand, a contact had no offer: nothing rang.
                self._ringing.pop(effect.offer or effect.contact, None)

    # What the engine must know.

    def _hear_one(self, entry: Noted) -> None:
        if entry.kind in ROSTER_KINDS:
            self._roster_stale = True
        command = routing_facts.heard(entry)
        if command is not None:
            self._jobs.append(Job(command, seq=entry.seq))

    async def _restore(self) -> None:
        """Rebuild the engine from the database; offers that rang are withdrawn and made anew.

        Journal entries older than what was read are known by it, and not heard a second time.
        """
        now = self._clock.now()
        await settled(lambda: self._withdraw_ringing(now))
        self._leads = True
        self._engine = Engine(RULES, suspended=True)
        # Before anything is read: what changes meanwhile is read once more.
        self._today, self._roster_stale = now.date(), False
        with _calm_collector():
            known, deserters = await self._take_in(now)
            self._keep(known)
        self._ringing.clear()
        self._jobs = deque(
            job for job in self._jobs if job.done is not None or job.seq > self._known_seq
        )
        # Who left while nobody led, or when it could not be stored: what they held waits again.
        gone = [Job(commands.AgentVanished(agent=one)) for one in sorted(deserters)]
        await self._apply([Job(commands.Resume()), *gone])

    async def _withdraw_ringing(self, now: datetime) -> None:
        async with self._database.transaction() as session:
            if self._lease is not None:
                await leases.prove(session, self._lease)
            await queries.withdraw_ringing(session, now)

    def _keep(self, known: int) -> None:
        """Many contacts stay: the collector need not look at them again and again, only at those
        of an engine that this one replaces."""
        if self._many:
            gc.unfreeze()
            gc.collect()
        self._many = known > MANY
        if self._many:
            gc.freeze()

    async def _take_in(self, now: datetime) -> tuple[int, set[UUID]]:
        """Tell the new engine all there is; return how many contacts are open, and who left
        what they hold."""
        async with self._database.reading() as session:
            self._known_seq = await last_seq(session)
            self._facts = await routing_facts.setup(session, now, with_idle=True)
            known, deserters = await routing_facts.open_contacts(session, self._facts.left, now)
        for place, command in enumerate((*self._facts.told, *known)):
            self._engine.apply(command, micros(now))
            if place % BATCH == 0:
                await asyncio.sleep(0)
        return len(known), deserters

    async def _reload_roster(self) -> None:
        self._roster_stale = False
        now = self._clock.now()
        async with self._database.reading() as session:
            self._facts = await routing_facts.setup(session, now, with_idle=False)
        self._today = now.date()
        self._jobs.extendleft(Job(command) for command in reversed(self._facts.told))

    def _must_lead(self) -> None:
        if not self._leads:
            raise OverloadedError("another node gives out contacts; ask again in a moment")

    def _rings_at(self, offer_id: UUID, agent_id: UUID) -> UUID:
        self._must_lead()
        contact_id, ringing_at = self._ringing.get(offer_id, (None, None))
        if contact_id is None or ringing_at != agent_id:
            raise ConflictError("this offer is over")
        return contact_id

    async def _do(self, command: Command) -> None:
        self._must_lead()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._jobs.append(Job(command, done))
        self._nudged.set()
        await done

    def _rest_seconds(self) -> float:
        due = self._engine.next_due()
        if due is None:
            return ROUTING_RENEW_SECONDS
        return min(max((due - self._now_us()) / 1_000_000, 0.001), ROUTING_RENEW_SECONDS)

    def _now_us(self) -> int:
        return micros(self._clock.now())


@contextmanager
def _calm_collector() -> Iterator[None]:
    """Look for no garbage while much is made that stays."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _refusal(effect: effects.Refused) -> CenterError:
    match effect.reason:
        case Refusal.UNKNOWN_CONTACT:
            return ConflictError("this contact is over: somebody ended it")
        case Refusal.OFFER_GONE:
            return ConflictError("this offer is over")
        case Refusal.ALREADY_YOURS:
            return ConflictError("you have this contact already")
        case Refusal.OWNED | Refusal.NOT_WAITING:
            return ConflictError("somebody else has this contact")


def _answer(jobs: Sequence[Job], error: Exception | None) -> None:
    for job in jobs:
        if job.done is None or job.done.done():
            continue
        if error is None:
            job.done.set_result(None)
        else:
            job.done.set_exception(error)
