"""Sends companions away whose conversation is over, or who are gone themselves."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from kernel.clock import Clock
from kernel.database import Database
from kernel.entries import Noted
from kernel.limits import VANISHED_AFTER
from kernel.supervise import first_of
from routing import queries as routing_queries
from supervision import companions
from supervision.tables import CompanionRow

LOOK_EVERY_SECONDS: Final = 10.0
GATHER_SECONDS: Final = 0.25
"""Contacts end many a second on a busy day; one look is enough for all of them."""
ENDS: Final = frozenset({"ContactEnded", "ContactAnswered", "WrapUpBegun"})
RUNNING: Final = frozenset({"queued", "offered", "active"})


class Farewells:
    """Whoever reads along needs a console that is open: after a grace without one they left."""

    def __init__(self, database: Database, clock: Clock, present: Callable[[], set[UUID]]) -> None:
        self._database = database
        self._clock = clock
        self._present = present
        self._gone_since: dict[UUID, datetime] = {}
        self._nudged = asyncio.Event()

    def hear(self, noted: Sequence[Noted]) -> None:
        """Subscribe this to the feed."""
        if any(entry.kind in ENDS for entry in noted):
            self._nudged.set()

    async def run(self) -> None:
        """Look whenever a contact ends, and every few seconds, for ever."""
        while True:
            self._nudged.clear()
            await self.look()
            await first_of(self._nudged.wait(), self._clock.sleep(LOOK_EVERY_SECONDS))
            await self._clock.sleep(GATHER_SECONDS)

    async def look(self) -> None:
        """Note of everybody who has nothing to do there any more that they left."""
        async with self._database.reading() as session:
            there = await companions.everybody(session)
            ids = {row.contact_id for row in there}
            contacts = await routing_queries.by_ids(session, sorted(ids))
        gone = self._gone({row.agent_id for row in there})
        leaving = [
            row
            for row in there
            if row.agent_id in gone
            or (contact := contacts.get(row.contact_id)) is None
            or contact.state not in RUNNING
            or contact.agent_id == row.agent_id
        ]
        await self._see_off(leaving)

    def _gone(self, asked: Collection[UUID]) -> set[UUID]:
        now, present = self._clock.now(), self._present()
        self._gone_since = {
            agent_id: self._gone_since.get(agent_id, now)
            for agent_id in asked
            if agent_id not in present
        }
        return {
            agent_id
            for agent_id, since in self._gone_since.items()
            if now - since >= VANISHED_AFTER
        }

    async def _see_off(self, leaving: Sequence[CompanionRow]) -> None:
        if not leaving:
            return
        async with self._database.transaction() as session:
            for row in leaving:
                await companions.leave(session, row.contact_id, row.agent_id, by=None)
