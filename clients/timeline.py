"""The part of a client's timeline that this room keeps: notes, merges, wishes."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Uuid, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from clients.tables import ClientNoteRow, ClientRow, ClientWishRow, MergeRow
from kernel.limits import CLIENT_PAGE_ROWS
from kernel.tables import Instant

Point = tuple[datetime, UUID]
"""Where a page of the timeline begins: before this moment and id."""


class Moment(Struct, frozen=True, kw_only=True):
    """Something that happened with a client; `by` is the agent who did it."""

    id: UUID
    at: datetime
    kind: Literal["note", "merge", "merge_undone", "left_alone", "left_alone_over"]
    text: str
    by: UUID


async def moments(
    session: AsyncSession, client_id: UUID, *, before: Point | None, limit: int
) -> list[Moment]:
    """Return notes, merges and wishes before the point, the newest first."""
    found = [
        *await _notes(session, client_id, before, limit),
        *await _merges(session, client_id, before),
        *await _wishes(session, client_id, before),
    ]
    return sorted(found, key=lambda one: (one.at, one.id), reverse=True)[:limit]


async def _notes(
    session: AsyncSession, client_id: UUID, before: Point | None, limit: int
) -> list[Moment]:
    statement = (
        select(ClientNoteRow)
        .where(ClientNoteRow.client_id == client_id)
        .order_by(ClientNoteRow.created_at.desc(), ClientNoteRow.id.desc())
        .limit(limit)
    )
    if before is not None:
        at, last_id = before
        statement = statement.where(
            tuple_(ClientNoteRow.created_at, ClientNoteRow.id)
            < tuple_(literal(at, Instant), literal(last_id, Uuid))
        )
    return [
        Moment(id=row.id, at=row.created_at, kind="note", text=row.text, by=row.author_id)
        for row in await session.scalars(statement)
    ]


async def _merges(session: AsyncSession, client_id: UUID, before: Point | None) -> list[Moment]:
    """A merge and its undoing are two moments; few merges ever touch one client."""
    rows = await session.execute(
        select(MergeRow, ClientRow.name)
        .join(ClientRow, MergeRow.source_id == ClientRow.id)
        .where(or_(MergeRow.target_id == client_id, MergeRow.source_id == client_id))
        .order_by(MergeRow.id.desc())
        .limit(CLIENT_PAGE_ROWS)
    )
    found: list[Moment] = []
    for row, name in rows:
        found.append(Moment(id=row.id, at=row.merged_at, kind="merge", text=name, by=row.merged_by))
        if row.undone_at is not None and row.undone_by is not None:
            found.append(
                Moment(
                    id=row.id, at=row.undone_at, kind="merge_undone", text=name, by=row.undone_by
                )
            )
    return [one for one in found if before is None or (one.at, one.id) < before]


async def _wishes(session: AsyncSession, client_id: UUID, before: Point | None) -> list[Moment]:
    """Few clients are ever to be left alone, and hardly any of them often."""
    rows = await session.scalars(
        select(ClientWishRow)
        .where(ClientWishRow.client_id == client_id)
        .order_by(ClientWishRow.id.desc())
        .limit(CLIENT_PAGE_ROWS)
    )
    found = [
        Moment(
            id=row.id,
            at=row.noted_at,
            kind="left_alone" if row.left_alone else "left_alone_over",
            text="",
            by=row.noted_by,
        )
        for row in rows
    ]
    return [one for one in found if before is None or (one.at, one.id) < before]
