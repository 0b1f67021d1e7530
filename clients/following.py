"""Where a client went: follows merges to the record that stays."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from clients.tables import ClientRow
from kernel.errors import NotFoundError
from kernel.limits import MERGES_DEEP


class Standing(Struct, frozen=True, kw_only=True):
    """A client that is nobody else's part."""

    id: UUID
    name: str
    email: str | None
    phone: str | None
    locale: str | None
    attributes: dict[str, Any]
    blocked: bool


async def standings(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Standing]:
    """Return, for each id that exists, the client it is now; usually one statement."""
    found: dict[UUID, Standing] = {}
    asked = {client_id: client_id for client_id in ids}
    for _ in range(MERGES_DEEP):
        if not asked:
            break
        rows = await session.execute(_standing().where(ClientRow.id.in_(set(asked.values()))))
        by_id = {row.id: row for row in rows}
        onward: dict[UUID, UUID] = {}
        for origin, at in asked.items():
            row = by_id.get(at)
            if row is None:
                continue
            if row.merged_into is not None:
                onward[origin] = row.merged_into
                continue
            found[origin] = Standing(
                id=row.id,
                name=row.name,
                email=row.email,
                phone=row.phone,
                locale=row.locale,
                attributes=row.attributes,
                blocked=row.blocked_at is not None,
            )
        asked = onward
    return found


async def standing_id(session: AsyncSession, client_id: UUID) -> UUID:
    """Return the id of the client that `client_id` is now, or raise NotFoundError."""
    found = await standings(session, [client_id])
    if client_id not in found:
        raise NotFoundError("no such client")
    return found[client_id].id


def _standing() -> Any:
    return select(
        ClientRow.id,
        ClientRow.name,
        ClientRow.email,
        ClientRow.phone,
        ClientRow.locale,
        ClientRow.attributes,
        ClientRow.blocked_at,
        ClientRow.merged_into,
    )
