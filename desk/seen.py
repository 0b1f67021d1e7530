"""Shows clients that what they wrote was read, where their messenger can be told so."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from desk.hints import Hints
from desk.lines import Lines
from kernel.clock import Clock
from kernel.database import Database
from kernel.entries import Noted
from kernel.errors import CenterError
from kernel.limits import SEEN_REMEMBERED, SEEN_SECONDS
from tickets import queries as ticket_queries

logger = logging.getLogger(__name__)


class ReadMarks:
    """Tells the provider once an agent has read or answered a ticket.

    A mark is a courtesy: it is kept in memory alone, tried once, and nothing waits for it. Whatever
    is lost with it is made up for by the next one, which covers all that came before.
    """

    def __init__(self, database: Database, clock: Clock, lines: Lines) -> None:
        self._database = database
        self._clock = clock
        self._lines = lines
        self._told: dict[UUID, str] = {}
        self._hints = Hints(lines, "seen", self._tell)
        self.run = self._hints.run

    def hear(self, noted: Sequence[Noted]) -> None:
        """Subscribe this to the feed: who answers has read."""
        for entry in noted:
            if entry.kind != "MessageAdded" or entry.data["kind"] != "outbound":
                continue
            if entry.actor_id is not None:  # what the center says by itself, nobody has read for
                self.note(entry.ticket_id)

    def note(self, ticket_id: UUID | None) -> None:
        """An agent has read the ticket, as far as it goes."""
        if ticket_id is not None:
            self._hints.put(ticket_id)

    async def _tell(self, ticket_id: UUID) -> None:
        async with self._database.reading() as session:
            asked = await ticket_queries.last_from_client(session, ticket_id)
        if asked is None or asked.account_id is None or not asked.thread_key:
            return
        line = self._lines.get(asked.account_id)
        connector: Any = line.connector if line is not None else None
        if not hasattr(connector, "seen") or self._told.get(ticket_id) == asked.thread_key:
            return
        self._remember(ticket_id, asked.thread_key)
        try:
            async with asyncio.timeout(SEEN_SECONDS):
                await connector.seen(asked.thread_key)
        except (CenterError, TimeoutError):
            logger.info("a read mark was not taken", extra={"account": str(asked.account_id)})

    def _remember(self, ticket_id: UUID, key: str) -> None:
        self._told.pop(ticket_id, None)
        self._told[ticket_id] = key
        if len(self._told) > SEEN_REMEMBERED:
            del self._told[next(iter(self._told))]
