"""Answers for a later day: they leave when it comes, and pause when the client writes before."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels import outbox
from channels.tables import OutboxRow
from kernel.clock import Clock
from kernel.crash import crash_here
from kernel.database import Database
from kernel.entries import Noted
from kernel.limits import LATER_BATCH
from kernel.supervise import first_of
from tickets import service as tickets
from tickets.tables import MessageRow

LONGEST_REST_SECONDS: Final = 60.0
HEARD: Final = frozenset({"MessageAdded", "MessageStateChanged"})
CLIENT_WROTE: Final = "client_wrote"


class Scheduler:
    """Looks at what is promised for later; its rules lie in the database and survive a restart."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._nudged = asyncio.Event()
        self._yielding: set[UUID] = set()
        """Tickets on which an answer waits, or did: only there does a client's word matter."""

    def hear(self, noted: Sequence[Noted]) -> None:
        """Something was scheduled, or a client wrote where something is."""
        for entry in noted:
            if entry.kind not in HEARD or entry.ticket_id is None:
                continue
            if entry.data["state"] == outbox.SCHEDULED:
                self._yielding.add(entry.ticket_id)
                self._nudged.set()
            elif entry.ticket_id in self._yielding and entry.data.get("kind") == "inbound":
                self._nudged.set()

    async def run(self) -> None:
        """Release and pause, for ever."""
        async with self._database.reading() as session:
            self._yielding |= await outbox.lanes_scheduled(session)
        while True:
            self._nudged.clear()
            if not await self.step():
                rest = await self._rest()
                await first_of(self._nudged.wait(), self._clock.sleep(rest))

    async def step(self) -> int:
        """Release what is due and pause what the client overtook; return how many there were."""
        now = self._clock.now()
        async with self._database.reading() as session:
            if not await _due(session, now):
                return 0
        async with self._database.transaction() as session:
            # Asked again: the client may have written while we waited for our turn to write.
            due = await _due(session, now)
            for message_id, overtaken in due:
                if overtaken and await outbox.pause(session, message_id):
                    await tickets.choose_state(session, message_id, "paused", CLIENT_WROTE)
                elif not overtaken and await outbox.release(session, message_id, now):
                    await tickets.choose_state(session, message_id, "pending")
            crash_here("later.before_commit")
        return len(due)

    async def _rest(self) -> float:
        async with self._database.reading() as session:
            due = await outbox.next_release(session)
        if due is None:
            return LONGEST_REST_SECONDS
        return min(max((due - self._clock.now()).total_seconds(), 0.01), LONGEST_REST_SECONDS)


async def _due(session: AsyncSession, now: datetime) -> list[tuple[UUID, bool]]:
    """Return what waits no longer, and whether the client was faster than its day."""
    rows = await session.execute(
        select(OutboxRow.id, _overtaken().label("overtaken"))
        .where(
            OutboxRow.state == outbox.SCHEDULED,
            or_(OutboxRow.due_at <= now, _overtaken()),
        )
        .order_by(OutboxRow.place)
        .limit(LATER_BATCH)
    )
    return [(row.id, bool(row.overtaken)) for row in rows]


def _overtaken() -> ColumnElement[bool]:
    """A person wrote on its ticket after it was promised; ids of what comes in grow with time."""
    return and_(
        OutboxRow.yields.is_(True),
        exists().where(
            MessageRow.ticket_id == OutboxRow.lane,
            MessageRow.kind == "inbound",
            MessageRow.automatic.is_(None),
            or_(OutboxRow.asked_id.is_(None), MessageRow.id > OutboxRow.asked_id),
        ),
    )
