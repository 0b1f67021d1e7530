"""Keeps the full-text index of tickets: follows the journal a little behind, many at a time."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.actor import Actor
from kernel.analyser import question, terms
from kernel.bookmarks import read_bookmark, set_bookmark
from kernel.clock import Clock
from kernel.crash import crash_here
from kernel.database import Database
from kernel.entries import Noted
from kernel.journal import entries_after
from kernel.search_index import Indexed
from kernel.supervise import keep_up
from tickets import searching
from tickets.access import visible
from tickets.tables import TicketRow

logger = logging.getLogger(__name__)

BOOKMARK: Final = "ticket search"
BATCH: Final = 1_000
AT_ONCE: Final = 8
QUICK_TERMS: Final = 2_000
"""So many terms are indexed faster than a trip to the database's thread takes, and no more."""
GATHER_SECONDS: Final = 0.7
ADDED: Final = "MessageAdded"
HEARD: Final = frozenset({ADDED, "TicketOpened", "TicketChanged"})


class Indexer:
    """What was written is found within about a second; how far it came survives a restart."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._nudged = asyncio.Event()

    def hear(self, noted: Sequence[Noted]) -> None:
        if any(entry.kind in HEARD for entry in noted):
            self._nudged.set()

    async def run(self) -> None:
        """Index what was written, for ever; a short pause gathers what comes together."""
        await keep_up(self.step, self._nudged, self._clock, gather_seconds=GATHER_SECONDS)

    async def step(self) -> bool:
        """Index one batch of journal entries; say whether there may be more."""
        async with self._database.reading() as session:
            stood = await read_bookmark(session, BOOKMARK)
            entries = await entries_after(session, stood, HEARD, limit=BATCH)
            if not entries:
                return False
            titles, bodies = await _gathered(session, entries)
        indexed = await asyncio.to_thread(_analysed, titles, bodies)
        # A few at a time: whoever takes in messages must not wait for the index. What was added
        # is added again after a crash, and changes nothing.
        for start in range(0, max(len(indexed), 1), AT_ONCE):
            few = indexed[start : start + AT_ONCE]
            short = sum(len(one.title) + len(one.body) for one in few) < QUICK_TERMS
            async with self._database.transaction(quick=short) as session:
                await searching.INDEX.add(session, few)
                if start + AT_ONCE >= len(indexed):
                    await set_bookmark(session, BOOKMARK, entries[-1].seq)
                crash_here("indexer.before_commit")
        return len(entries) == BATCH


async def find_tickets(
    session: AsyncSession, dialect: str, actor: Actor, text: str, *, limit: int
) -> list[UUID]:
    """Return the best matching tickets among those the actor may see, best first."""
    mine: Select[UUID] = select(TicketRow.id).where(visible(actor))
    rows = await session.execute(searching.INDEX.best(dialect, question(text), mine, limit=limit))
    return [row[0] for row in rows]


async def _gathered(
    session: AsyncSession, entries: Sequence[Noted]
) -> tuple[dict[UUID, list[str]], dict[UUID, list[str]]]:
    """Return the texts to index by ticket: titles (subject, number, names) and bodies."""
    renamed = {one.ticket_id for one in entries if one.kind != ADDED and one.ticket_id is not None}
    said = [UUID(one.data["message_id"]) for one in entries if one.kind == ADDED]
    titles = await searching.title_texts(session, renamed)
    bodies = await searching.message_texts(session, said)
    return titles, bodies


def _analysed(titles: dict[UUID, list[str]], bodies: dict[UUID, list[str]]) -> list[Indexed]:
    return [
        Indexed(
            id=ticket_id,
            title=[term for text in titles.get(ticket_id, ()) for term in terms(text)],
            body=[term for text in bodies.get(ticket_id, ()) for term in terms(text)],
        )
        for ticket_id in sorted({*titles, *bodies})
    ]
