"""Reads clients: lists, searches, and all that is known of one.

Every signed-in agent may see every client: a client belongs to no team. What was said with them
is another matter, and is read through the rule of the tickets.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from clients.following import standing_id
from clients.naming import handle_of
from clients.tables import ClientNoteRow, ClientRow, IdentityRow, MergeRow
from kernel.limits import CLIENT_PAGE_ROWS
from kernel.prepared import Lookup


def select_brief() -> Any:
    return select(
        ClientRow.id,
        ClientRow.name,
        ClientRow.kind,
        ClientRow.email,
        ClientRow.blocked_at,
        ClientRow.left_alone_at,
    )


_BRIEFS: Final = Lookup(select_brief().where(ClientRow.id.in_(bindparam("ids", expanding=True))))


class Brief(Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    kind: str
    email: str | None
    blocked: bool
    left_alone: bool = False
    """We write to them only in answer to their own words."""


class Identity(Struct, frozen=True, kw_only=True):
    id: UUID
    channel: str
    handle: str
    name: str
    verified: bool
    unreachable: str | None = None
    opted_out: bool = False


class Whereabouts(Struct, frozen=True, kw_only=True):
    """What tells in which country and language a client is."""

    phone: str | None
    locale: str | None


class Note(Struct, frozen=True, kw_only=True):
    id: UUID
    author_id: UUID
    text: str
    created_at: datetime


class Merge(Struct, frozen=True, kw_only=True):
    """A merge into this client that stands."""

    id: UUID
    source_id: UUID
    source_name: str
    merged_at: datetime
    merged_by: UUID


class ClientPage(Struct, frozen=True, kw_only=True):
    """All that is known of one client; each list holds at most `CLIENT_PAGE_ROWS`."""

    id: UUID
    kind: str
    name: str
    email: str | None
    phone: str | None
    locale: str | None
    organisation: Brief | None
    members: list[Brief]
    attributes: dict[str, Any]
    identities: list[Identity]
    notes: list[Note]
    merges: list[Merge]
    blocked: bool
    left_alone: bool
    created_at: datetime
    version: int


async def find_client_id(session: AsyncSession, client_id: UUID) -> UUID:
    """Return the id of the client as merges left it, or raise NotFoundError."""
    return await standing_id(session, client_id)


async def find_by_handle(session: AsyncSession, channel: str, handle: str) -> UUID | None:
    """Return who is known by this handle, the client they are now; None: nobody."""
    found = await session.scalar(
        select(IdentityRow.client_id).where(
            IdentityRow.channel == channel, IdentityRow.handle == handle_of(channel, handle)
        )
    )
    return None if found is None else await standing_id(session, found)


async def briefs(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Brief]:
    """Return those of the clients that exist, by id, for lists that name many."""
    rows = await _BRIEFS.named(session, ids=sorted(set(ids)))
    return {row.id: brief_of(row) for row in rows}


async def identities_of(session: AsyncSession, client_id: UUID) -> list[Identity]:
    """Return what channels call a client, the most trusted and newest first."""
    rows = await session.execute(
        select(
            IdentityRow.id,
            IdentityRow.channel,
            IdentityRow.handle,
            IdentityRow.name,
            IdentityRow.verified,
            IdentityRow.unreachable,
            IdentityRow.opted_out,
        )
        .where(IdentityRow.client_id == client_id)
        .order_by(IdentityRow.verified.desc(), IdentityRow.id.desc())
        .limit(CLIENT_PAGE_ROWS)
    )
    return [Identity(**row._mapping) for row in rows]  # noqa: SLF001 - the public name of a row's dict


async def locale_of(session: AsyncSession, client_id: UUID) -> str | None:
    """Return the client's language, as far as it is known."""
    found: str | None = await session.scalar(
        select(ClientRow.locale).where(ClientRow.id == client_id)
    )
    return found


async def whereabouts(session: AsyncSession, client_id: UUID) -> Whereabouts:
    """Return what tells where a client is, following merges, or raise NotFoundError."""
    rows = await session.execute(
        select(ClientRow.phone, ClientRow.locale).where(
            ClientRow.id == await standing_id(session, client_id)
        )
    )
    phone, locale = rows.one()
    return Whereabouts(phone=phone, locale=locale)


async def client_page(session: AsyncSession, client_id: UUID) -> ClientPage:
    """Return the client, following merges, or raise NotFoundError."""
    row = await session.get_one(
        ClientRow, await standing_id(session, client_id), populate_existing=True
    )
    organisation = None
    if row.organisation_id is not None:
        organisation = (await briefs(session, [row.organisation_id])).get(row.organisation_id)
    return ClientPage(
        id=row.id,
        kind=row.kind,
        name=row.name,
        email=row.email,
        phone=row.phone,
        locale=row.locale,
        organisation=organisation,
        members=await _members(session, row),
        attributes=row.attributes,
        identities=await identities_of(session, row.id),
        notes=await _notes(session, row.id),
        merges=await _merges(session, row.id),
        blocked=row.blocked_at is not None,
        left_alone=row.left_alone_at is not None,
        created_at=row.created_at,
        version=row.version,
    )


def brief_of(row: Any) -> Brief:
    return Brief(
        id=row.id,
        name=row.name,
        kind=row.kind,
        email=row.email,
        blocked=row.blocked_at is not None,
        left_alone=row.left_alone_at is not None,
    )


async def _members(session: AsyncSession, row: ClientRow) -> list[Brief]:
    if row.kind != "organisation":
        return []
    rows = await session.execute(
        select_brief()
        .where(ClientRow.organisation_id == row.id, ClientRow.merged_into.is_(None))
        .order_by(ClientRow.name_folded, ClientRow.id)
        .limit(CLIENT_PAGE_ROWS)
    )
    return [brief_of(member) for member in rows]


async def _notes(session: AsyncSession, client_id: UUID) -> list[Note]:
    rows = await session.execute(
        select(
            ClientNoteRow.id, ClientNoteRow.author_id, ClientNoteRow.text, ClientNoteRow.created_at
        )
        .where(ClientNoteRow.client_id == client_id)
        .order_by(ClientNoteRow.id.desc())
        .limit(CLIENT_PAGE_ROWS)
    )
    return [Note(**row._mapping) for row in rows]  # noqa: SLF001 - the public name of a row's dict


async def _merges(session: AsyncSession, client_id: UUID) -> list[Merge]:
    rows = await session.execute(
        select(
            MergeRow.id,
            MergeRow.source_id,
            ClientRow.name.label("source_name"),
            MergeRow.merged_at,
            MergeRow.merged_by,
        )
        .join(ClientRow, MergeRow.source_id == ClientRow.id)
        .where(MergeRow.target_id == client_id, MergeRow.undone_at.is_(None))
        .order_by(MergeRow.id.desc())
        .limit(CLIENT_PAGE_ROWS)
    )
    return [Merge(**row._mapping) for row in rows]  # noqa: SLF001 - the public name of a row's dict
