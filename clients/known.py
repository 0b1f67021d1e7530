"""Identities on record, each with its client as merges left it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from clients.following import Standing, standings
from clients.tables import ClientRow, IdentityRow

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An identity that is on record, with its client as merges left it."""

    identity_id: UUID
    identity_name: str
    verified: bool
    handle: str
    client: Standing


async def known_identities(session: AsyncSession, keys: Collection[Key]) -> dict[Key, Known]:
    """Return the identities on record among `keys`; their clients stay put until the commit."""
    if not keys:
        return {}
    rows = await session.execute(_select_known(keys))
    found = list(rows.all())
    roots = await standings(session, {row.client_id for row in found if row.merged_into})
    return {(row.channel, row.handle): _from_row(row, roots) for row in found}


def _select_known(keys: Collection[Key]) -> Any:
    by_channel: dict[str, list[str]] = {}
    for channel, handle in keys:
        by_channel.setdefault(channel, []).append(handle)
    return (
        select(
            IdentityRow.id.label("identity_id"),
            IdentityRow.name.label("identity_name"),
            IdentityRow.channel,
            IdentityRow.handle,
            IdentityRow.verified,
            ClientRow.id.label("client_id"),
            ClientRow.name,
            ClientRow.email,
            ClientRow.phone,
            ClientRow.locale,
            ClientRow.attributes,
            ClientRow.blocked_at,
            ClientRow.merged_into,
        )
        .join(ClientRow, IdentityRow.client_id == ClientRow.id)
        .where(
            or_(
                *(
                    and_(IdentityRow.channel == channel, IdentityRow.handle.in_(handles))
                    for channel, handles in by_channel.items()
                )
            )
        )
        # In the order of ids, as a merge locks them, so that neither waits for the other for ever.
        .order_by(ClientRow.id)
        .with_for_update(read=True, key_share=True, of=ClientRow)
    )


def _from_row(row: Row[Any], roots: Mapping[UUID, Standing]) -> Known:
    own = Standing(
        id=row.client_id,
        name=row.name,
        email=row.email,
        phone=row.phone,
        locale=row.locale,
        attributes=row.attributes,
        blocked=row.blocked_at is not None,
    )
    return Known(
        identity_id=row.identity_id,
        identity_name=row.identity_name,
        verified=row.verified,
        handle=row.handle,
        client=roots.get(row.client_id, own),
    )
