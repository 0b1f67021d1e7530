"""Watches over agents whose console is gone: after a grace what they held waits again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from channels.voice import calls
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import NotFoundError
from kernel.limits import VANISHED_AFTER
from staff import presence, roster

Present = Callable[[], set[UUID]]

LOOK_EVERY = timedelta(seconds=10)
VANISHED = "vanished"


class Vigil:
    """Short gaps (a reload, a tunnel) change nothing; a longer one makes the agent offline."""

    def __init__(self, database: Database, clock: Clock, present: Present) -> None:
        self._database = database
        self._clock = clock
        self._present = present
        self._gone_since: dict[UUID, datetime] = {}

    def came(self, agent_id: UUID) -> None:
        self._gone_since.pop(agent_id, None)

    def left(self, agent_id: UUID) -> None:
        if agent_id not in self._present():
            self._gone_since.setdefault(agent_id, self._clock.now())

    async def run(self) -> None:
        """Look every few seconds, for ever. After a start everybody has the whole grace."""
        async with self._database.reading() as session:
            for seat in await roster.seats(session):
                if seat.state != presence.OFFLINE and seat.agent_id not in self._present():
                    self._gone_since.setdefault(seat.agent_id, self._clock.now())
        while True:
            await self.look()
            await self._clock.sleep(LOOK_EVERY.total_seconds())

    async def look(self) -> None:
        """Make offline whoever has been gone for longer than the grace.

        Who speaks on the telephone is there, whatever became of the console: a call is never cut
        off because a browser was closed.
        """
        now = self._clock.now()
        present = self._present()
        for agent_id, since in list(self._gone_since.items()):
            if agent_id in present:
                del self._gone_since[agent_id]
            elif now - since >= VANISHED_AFTER and not await self._speaks(agent_id):
                del self._gone_since[agent_id]
                await self._take_leave(agent_id, now)

    async def _speaks(self, agent_id: UUID) -> bool:
        async with self._database.reading() as session:
            legs = await calls.leg_of_agent(session, agent_id)
        return any(leg.state == "joined" for leg in legs)

    async def _take_leave(self, agent_id: UUID, now: datetime) -> None:
        async with self._database.transaction() as session:
            try:
                await presence.set_presence(session, agent_id, presence.OFFLINE, VANISHED, now)
            except NotFoundError:
                return
