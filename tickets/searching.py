"""The full-text index of tickets, and the texts that go into it."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.prepared import Lookup
from kernel.search_index import SearchIndex
from kernel.tables import Table
from tickets.tables import MessageRow, TicketRow

INDEX: Final = SearchIndex("ticket_search", Table.metadata)
BODY_CHARS: Final = 20_000
_SAID: Final = Lookup(
    select(
        MessageRow.ticket_id, MessageRow.author_name, MessageRow.author_handle, MessageRow.text
    ).where(MessageRow.id.in_(bindparam("ids", expanding=True)))
)


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
    """Return what was written, with who wrote it, by ticket; who says much is named once."""
    found: dict[UUID, dict[str, None]] = {}
    for ticket_id, name, handle, text in await _SAID.rows(session, ids=list(message_ids)):
        found.setdefault(ticket_id, {}).update(dict.fromkeys((name, handle, text[:BODY_CHARS])))
    return {ticket_id: list(texts) for ticket_id, texts in found.items()}
