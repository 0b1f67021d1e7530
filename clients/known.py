"""Identities on record, each with its client as merges left it."""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from clients.following import Standing, standings
from clients.tables import ClientRow, IdentityRow
from kernel.prepared import Lookup

Key = tuple[str, str]

_KNOWN: Final = Lookup(
    select(
        IdentityRow.id,
        IdentityRow.name,
        IdentityRow.channel,
        IdentityRow.handle,
        IdentityRow.verified,
        ClientRow.id,
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
        IdentityRow.channel == bindparam("channel"),
        IdentityRow.handle.in_(bindparam("handles", expanding=True)),
    )
    # In the order of ids, as a merge locks them, so that neither waits for the other for ever.
    .order_by(ClientRow.id)
    .with_for_update(read=True, key_share=True, of=ClientRow)
)
_CLIENT_ID: Final = 5


class Known(Struct, frozen=True, kw_only=True):
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
    by_channel: dict[str, list[str]] = {}
    for channel, handle in keys:
        by_channel.setdefault(channel, []).append(handle)
    rows = [
        row
        for channel, handles in sorted(by_channel.items())
        for row in await _KNOWN.rows(session, channel=channel, handles=handles)
    ]
    roots = await standings(session, {row[_CLIENT_ID] for row in rows if row[-1] is not None})
    return {(row[2], row[3]): _from_row(row, roots) for row in rows}


def _from_row(row: tuple[Any, ...], roots: Mapping[UUID, Standing]) -> Known:
    identity_id, identity_name, _, handle, verified, client_id, *about, blocked_at, _ = row
    name, email, phone, locale, attributes = about
    return Known(
        identity_id=identity_id,
        identity_name=identity_name,
        verified=verified,
        handle=handle,
        client=roots.get(client_id)
        or Standing(
            id=client_id,
            name=name,
            email=email,
            phone=phone,
            locale=locale,
            attributes=attributes,
            blocked=blocked_at is not None,
        ),
    )
