"""Putting tickets aside and waking them: the agent's turn ends, and begins again when it is due."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from desk.openings import change_ticket
from kernel.actor import Actor
from kernel.clock import Clock
from kernel.crash import crash_here
from kernel.database import Database
from kernel.entries import Noted
from kernel.limits import SNOOZE_BATCH
from kernel.supervise import first_of
from tickets import service as tickets
from tickets import snoozing
from tickets.lifecycle import OPEN, WAITING
from tickets.snoozing import Wake
from tickets.tables import TicketRow

logger = logging.getLogger(__name__)

LONGEST_REST_SECONDS = 60.0


async def put_aside(
    session: AsyncSession,
    ticket: TicketRow,
    wake: Wake,
    *,
    actor: Actor,
    version: int,
    now: datetime,
) -> None:
    """Let the ticket sleep and wait; whoever held its contact is free of it."""
    await change_ticket(session, ticket, {"status": WAITING}, actor=actor, version=version, now=now)
    await snoozing.snooze(session, ticket, wake, agent_id=actor.agent_id, now=now)


class Waker:
    """Wakes what is due, whatever happened meanwhile: the rule lies in the database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._nudged = asyncio.Event()
        self._asleep: set[UUID] = set()
        """Tickets that were put aside: only there does a client's word matter."""

    def hear(self, noted: Sequence[Noted]) -> None:
        """Something was put aside, or a client wrote where something is: look again."""
        for entry in noted:
            if entry.ticket_id is None:
                continue
            if entry.kind == "TicketSnoozed":
                self._asleep.add(entry.ticket_id)
                self._nudged.set()
            elif entry.kind == "TicketWoken":
                self._asleep.discard(entry.ticket_id)
            elif entry.ticket_id in self._asleep and _said(entry):
                self._nudged.set()

    async def run(self) -> None:
        """Wake tickets as they fall due, for ever."""
        async with self._database.reading() as session:
            self._asleep |= await snoozing.asleep(session)
        while True:
            self._nudged.clear()
            if not await self.wake_due():
                rest = await self._rest()
                await first_of(self._nudged.wait(), self._clock.sleep(rest))

    async def wake_due(self) -> int:
        """Wake one batch; return how many woke."""
        async with self._database.reading() as session:
            due = await snoozing.due(session, self._clock.now(), limit=SNOOZE_BATCH)
        if not due:
            return 0
        async with self._database.transaction() as session:
            for ticket_id, reason in due:
                ticket = await session.get_one(TicketRow, ticket_id, with_for_update=True)
                if await snoozing.wake(session, ticket, reason=reason):
                    await self._back_to_work(session, ticket)
            crash_here("waker.before_commit")
        return len(due)

    async def _back_to_work(self, session: AsyncSession, ticket: TicketRow) -> None:
        if ticket.status == WAITING:
            await tickets.change(
                session, ticket, {"status": OPEN}, actor_id=None, now=self._clock.now()
            )

    async def _rest(self) -> float:
        async with self._database.reading() as session:
            due = await snoozing.next_moment(session)
        if due is None:
            return LONGEST_REST_SECONDS
        return min(max((due - self._clock.now()).total_seconds(), 0.01), LONGEST_REST_SECONDS)


def _said(entry: Noted) -> bool:
    return entry.kind == "MessageAdded" and bool(entry.data["kind"] == "inbound")
