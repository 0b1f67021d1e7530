"""Shows clients that an agent is writing to them, where their messenger can be told so."""

import asyncio
import logging
from typing import Any
from uuid import UUID

from desk.hints import Hints
from desk.lines import Line, Lines
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import CenterError
from kernel.limits import TYPING_REMEMBERED, TYPING_REST_SECONDS, TYPING_SECONDS
from tickets import queries as ticket_queries
from tickets.tables import MessageRow

logger = logging.getLogger(__name__)


class Typists:
    """Tells the provider at most as often as it stops showing it.

    It is gone in seconds, so it is kept in memory alone and tried once; a provider that does not
    take it is left in peace for a while, and those of other accounts are told meanwhile.
    """

    def __init__(self, database: Database, clock: Clock, lines: Lines) -> None:
        self._database = database
        self._clock = clock
        self._lines = lines
        self._quiet_until: dict[UUID, float] = {}
        """Of tickets: until when the client sees it anyway, or nobody is to be asked."""
        self._rest_until: dict[UUID, float] = {}
        """Of accounts."""
        self._hints = Hints(lines, "types", self._tell)
        self.run = self._hints.run
        self.tell = self._hints.tell

    def note(self, ticket_id: UUID) -> None:
        """An agent writes an answer on this ticket."""
        if not self._is_quiet(ticket_id):
            self._hints.put(ticket_id)

    def _is_quiet(self, ticket_id: UUID) -> bool:
        return self._quiet_until.get(ticket_id, 0.0) > self._clock.monotonic()

    async def _tell(self, ticket_id: UUID) -> None:
        if self._is_quiet(ticket_id):  # told while this one waited
            return
        async with self._database.reading() as session:
            asked = await ticket_queries.last_from_client(session, ticket_id)
        line = self._lines.get(asked.account_id) if asked and asked.account_id else None
        connector: Any = line.connector if line else None
        if asked is None or line is None or not hasattr(connector, "types"):
            self._keep_quiet(ticket_id, TYPING_REST_SECONDS)
            return
        self._keep_quiet(ticket_id, connector.typing_lasts.total_seconds())
        if self._rest_until.get(line.account.id, 0.0) <= self._clock.monotonic():
            await self._ask(line, asked)

    async def _ask(self, line: Line, asked: MessageRow) -> None:
        connector: Any = line.connector
        try:
            async with asyncio.timeout(TYPING_SECONDS):
                await connector.types(asked.author_handle, asked.thread_key or "")
        except (CenterError, TimeoutError):
            logger.info("it was not shown that somebody writes")
            self._rest_until[line.account.id] = self._clock.monotonic() + TYPING_REST_SECONDS

    def _keep_quiet(self, ticket_id: UUID, seconds: float) -> None:
        now = self._clock.monotonic()
        if len(self._quiet_until) >= TYPING_REMEMBERED:
            self._quiet_until = {one: at for one, at in self._quiet_until.items() if at > now}
        self._quiet_until[ticket_id] = now + seconds
