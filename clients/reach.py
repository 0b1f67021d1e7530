"""Whether what we send still reaches a client on a channel: they may have shut us out."""

from collections.abc import Collection
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from clients.events import ClientChanged
from clients.following import standing_id
from clients.naming import handle_of
from clients.tables import ClientRow, IdentityRow
from kernel.journal import record
from kernel.prepared import Lookup

_IDENTITY: Final = cast("Table", IdentityRow.__table__)
_SHUT: Final = Lookup(
    select(IdentityRow.handle)
    .where(
        IdentityRow.channel == bindparam("channel"),
        IdentityRow.handle.in_(bindparam("handles", expanding=True)),
        IdentityRow.unreachable.is_not(None),
    )
    .order_by(IdentityRow.id)
)


async def note_reach(
    session: AsyncSession,
    channel: str,
    handle: str,
    unreachable: str | None,
    *,
    opted_out: bool | None = None,
) -> None:
    """Keep why nothing reaches them there any more, or None that it does again.

    What they forbade (`opted_out` True) stays forbidden until they allow it (False); whatever else
    is heard of them (None) changes nothing about that. Nothing happens for who is unknown, and
    when it was known already.
    """
    values: dict[str, Any] = {"unreachable": unreachable}
    if opted_out is not None:
        values["opted_out"] = opted_out
    client_id = await session.scalar(
        update(IdentityRow)
        .where(
            IdentityRow.channel == channel,
            IdentityRow.handle == handle_of(channel, handle),
            or_(*(_IDENTITY.c[name].is_distinct_from(new) for name, new in values.items())),
            true() if opted_out is not None else IdentityRow.opted_out.is_(False),
        )
        .values(**values)
        .returning(IdentityRow.client_id)
        .execution_options(synchronize_session=False)
    )
    if client_id is not None:
        record(session, ClientChanged(client_id=await standing_id(session, client_id)))


async def let_in_again(session: AsyncSession, who: Collection[tuple[str, str]]) -> None:
    """Of those who wrote, by channel and handle: whom nothing reached any more is reached again.

    Hardly anybody is such a one, so all are asked for with one question for each channel.
    """
    by_channel: dict[str, set[str]] = {}
    for channel, handle in who:
        by_channel.setdefault(channel, set()).add(handle_of(channel, handle))
    for channel, handles in sorted(by_channel.items()):
        for (handle,) in await _SHUT.rows(session, channel=channel, handles=sorted(handles)):
            await note_reach(session, channel, handle, None)


async def unreachable(session: AsyncSession, channel: str, handle: str) -> str | None:
    """Return why nothing reaches them there any more; None when it does, or nobody knows them."""
    found: str | None = await session.scalar(
        select(IdentityRow.unreachable).where(
            IdentityRow.channel == channel, IdentityRow.handle == handle_of(channel, handle)
        )
    )
    return found


async def left_alone(session: AsyncSession, client_id: UUID) -> bool:
    """Say whether we write to this client only in answer to their own words."""
    client = await session.get(ClientRow, await standing_id(session, client_id))
    return client is not None and client.left_alone_at is not None


async def forbidden(session: AsyncSession, channel: str, handle: str) -> str | None:
    """Return in words that they forbade us to write there; None when they did not."""
    found: str | None = await session.scalar(
        select(IdentityRow.unreachable).where(
            IdentityRow.channel == channel,
            IdentityRow.handle == handle_of(channel, handle),
            IdentityRow.opted_out.is_(True),
        )
    )
    return found
