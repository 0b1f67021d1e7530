"""The full-text index of tickets, and the texts that go into it."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.search_index import SearchIndex
from kernel.tables import Table
from tickets.tables import MessageRow, TicketRow

INDEX: Final = SearchIndex("ticket_search", Table.metadata)
BODY_CHARS: Final = 20_000


async def title_texts(session: AsyncSession, ticket_ids: set[UUID]) -> dict[UUID, list[str]]:
    """Return number and subject by ticket."""
    rows = await session.execute(
        select(TicketRow.id, TicketRow.number, TicketRow.subject).where(
            TicketRow.id.in_(sorted(ticket_ids))
        )
    )
    return {row.id: [str(row.number), row.subject] for row in rows}


async def message_texts(
    session: AsyncSession, message_ids: Sequence[UUID]
) -> dict[UUID, list[str]]:
    """Return what was written, with who wrote it, by ticket."""
    found: dict[UUID, list[str]] = {}
    rows = await session.execute(
        select(
            MessageRow.ticket_id, MessageRow.author_name, MessageRow.author_handle, MessageRow.text
        ).where(MessageRow.id.in_(message_ids))
    )
    for ticket_id, name, handle, text in rows:
        found.setdefault(ticket_id, []).extend((name, handle, text[:BODY_CHARS]))
    return found
