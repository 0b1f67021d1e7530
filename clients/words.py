"""Keeps the words that clients are found by."""

from collections.abc import Collection, Mapping
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Table, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from clients.naming import words_of
from clients.tables import ClientRow, ClientWordRow, IdentityRow
from kernel.limits import CLIENT_PAGE_ROWS
from kernel.upsert import add_missing

_WORD: Final = cast("Table", ClientWordRow.__table__)


async def add_words(session: AsyncSession, words: Mapping[UUID, Collection[str]]) -> None:
    """Add what is not there yet."""
    rows = [
        {"word": word, "client_id": client_id}
        for client_id, own in sorted(words.items())
        for word in sorted(own)
    ]
    await add_missing(session, ClientWordRow, rows)


async def renew_words(session: AsyncSession, client_id: UUID) -> None:
    """Make the words what the client's record says now; a merged client has none."""
    await session.flush()
    await session.execute(delete(_WORD).where(_WORD.c.client_id == client_id))
    row = (
        await session.execute(
            select(ClientRow.name, ClientRow.email, ClientRow.phone).where(
                ClientRow.id == client_id, ClientRow.merged_into.is_(None)
            )
        )
    ).one_or_none()
    if row is None:
        return
    handles = await session.execute(
        select(IdentityRow.channel, IdentityRow.handle)
        .where(IdentityRow.client_id == client_id)
        .order_by(IdentityRow.id)
        .limit(CLIENT_PAGE_ROWS)
    )
    pairs = [(one.channel, one.handle) for one in handles]
    await add_words(session, {client_id: words_of(row.name, row.email, row.phone, pairs)})
