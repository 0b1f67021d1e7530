"""A name under which we write to a client first: what comes back from it is theirs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from clients.following import standing_id
from clients.naming import handle_of
from clients.tables import IdentityRow
from clients.words import renew_words
from kernel.errors import InvalidInputError
from kernel.ids import new_id
from kernel.upsert import insert_new


async def claim(
    session: AsyncSession, client_id: UUID, channel: str, handle: str, *, name: str, now: datetime
) -> str:
    """Make a handle on a channel the client's; return the one form in which it is kept.

    Raises InvalidInputError when it is another client's: an agent merges the two first.
    """
    kept = handle_of(channel, handle)
    identity = {
        "id": new_id(),
        "client_id": client_id,
        "channel": channel,
        "handle": kept,
        "name": name,
        "verified": False,
        "created_at": now,
    }
    await session.flush()
    if await insert_new(session, IdentityRow, [identity], IdentityRow.id):
        await renew_words(session, client_id)
        return kept
    owner = await session.scalar(
        select(IdentityRow.client_id).where(
            IdentityRow.channel == channel, IdentityRow.handle == kept
        )
    )
    if owner is None or await standing_id(session, owner) != client_id:
        raise InvalidInputError(
            "another client writes from there; merge the two before you write", field="recipient"
        )
    return kept
