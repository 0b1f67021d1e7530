"""Lists and searches clients; each page costs like the page, whatever the table holds."""

import base64
import binascii
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, String, Uuid, and_, exists, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from clients.naming import query_words
from clients.queries import Brief, brief_of, select_brief
from clients.tables import ClientRow, ClientWordRow, IdentityRow
from kernel.errors import InvalidInputError
from kernel.limits import PAGE_ROWS, PAGE_ROWS_MAX

_LAST = chr(0x10FFFF)


class Listed(Brief, frozen=True, kw_only=True):
    """A client in a list: two of one name are told apart by where they write from."""

    phone: str | None
    channels: list[str]


class Found(Struct, frozen=True, kw_only=True):
    items: list[Listed]
    next: str | None


async def find_clients(
    session: AsyncSession, *, query: str = "", cursor: str | None = None, limit: int = PAGE_ROWS
) -> Found:
    """Return clients by name, or those with words that begin with each word of `query`.

    Words are those of the name, the address and the number. A merged client is not listed. Who is
    found by two words may come once more on a later page.
    """
    limit = max(1, min(limit, PAGE_ROWS_MAX))
    words = query_words(query)
    if query.strip() and not words:
        return Found(items=[], next=None)
    statement = _by_words(words, cursor) if words else _by_name(cursor)
    rows = list((await session.execute(statement.limit(limit + 1))).all())
    more = rows[limit - 1] if len(rows) > limit else None
    items = {row.id: row for row in rows[:limit]}
    channels = await _channels(session, list(items))
    return Found(
        items=[_listed(row, channels[row.id]) for row in items.values()],
        next=None if more is None else _write_cursor(more.key, more.id),
    )


def _listed(row: Any, channels: set[str]) -> Listed:
    brief = msgspec.structs.asdict(brief_of(row))
    return Listed(**brief, phone=row.phone, channels=sorted(channels))


async def _channels(session: AsyncSession, ids: list[UUID]) -> dict[UUID, set[str]]:
    rows = await session.execute(
        select(IdentityRow.client_id, IdentityRow.channel).where(IdentityRow.client_id.in_(ids))
    )
    channels: dict[UUID, set[str]] = {one: set() for one in ids}
    for client_id, channel in rows:
        channels[client_id].add(channel)
    return channels


def _by_name(cursor: str | None) -> Any:
    statement = (
        select_brief()
        .add_columns(ClientRow.phone, ClientRow.name_folded.label("key"))
        .where(ClientRow.merged_into.is_(None))
        .order_by(ClientRow.name_folded, ClientRow.id)
    )
    if cursor is None:
        return statement
    return statement.where(tuple_(ClientRow.name_folded, ClientRow.id) > _after(cursor))


def _by_words(words: list[str], cursor: str | None) -> Any:
    """Walk the index along the longest word; each other word must be the client's as well."""
    statement = (
        select_brief()
        .add_columns(ClientRow.phone, ClientWordRow.word.label("key"))
        .join(ClientWordRow, ClientWordRow.client_id == ClientRow.id)
        .where(_begins(ClientWordRow.word, words[0]), ClientRow.merged_into.is_(None))
        .order_by(ClientWordRow.word, ClientWordRow.client_id)
    )
    for word in words[1:]:
        other = aliased(ClientWordRow)
        same = other.client_id == ClientWordRow.client_id
        statement = statement.where(exists().where(and_(same, _begins(other.word, word))))
    if cursor is None:
        return statement
    return statement.where(tuple_(ClientWordRow.word, ClientWordRow.client_id) > _after(cursor))


def _begins(column: InstrumentedAttribute[str], prefix: str) -> ColumnElement[bool]:
    """Match by a range of the index, which `LIKE` would not use on every collation."""
    return and_(column >= prefix, column < prefix + _LAST)


def _after(cursor: str) -> Any:
    key, last_id = _read_cursor(cursor)
    return tuple_(literal(key, String), literal(last_id, Uuid))


def _write_cursor(key: str, last_id: UUID) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode((key, last_id))).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[str, UUID]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        key, last_id = msgspec.json.decode(raw, type=tuple[str, UUID])
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        raise InvalidInputError("this cursor is not one of ours", field="cursor") from error
    if "\x00" in key:
        raise InvalidInputError("this cursor is not one of ours", field="cursor")
    return key, last_id
