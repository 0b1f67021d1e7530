"""Whether what we send still reaches a client on a channel: they may have shut us out."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from clients.events import ClientChanged
from clients.following import standing_id
from clients.naming import handle_of
from clients.tables import IdentityRow
from kernel.journal import record


async def note_reach(
    session: AsyncSession, channel: str, handle: str, unreachable: str | None
) -> None:
    """Keep why nothing reaches them there any more, or None that it does again.

    Nothing happens for who is unknown, and when it was known already.
    """
    client_id = await session.scalar(
        update(IdentityRow)
        .where(
            IdentityRow.channel == channel,
            IdentityRow.handle == handle_of(channel, handle),
            IdentityRow.unreachable.is_distinct_from(unreachable),
        )
        .values(unreachable=unreachable)
        .returning(IdentityRow.client_id)
        .execution_options(synchronize_session=False)
    )
    if client_id is not None:
        record(session, ClientChanged(client_id=await standing_id(session, client_id)))


async def unreachable(session: AsyncSession, channel: str, handle: str) -> str | None:
    """Return why nothing reaches them there any more; None when it does, or nobody knows them."""
    found: str | None = await session.scalar(
        select(IdentityRow.unreachable).where(
            IdentityRow.channel == channel, IdentityRow.handle == handle_of(channel, handle)
        )
    )
    return found
