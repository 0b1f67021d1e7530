"""Two records of one client become one, and two again: a human, recorded and undoable act."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from clients.events import ClientsMerged, MergeUndone
from clients.service import locked_client
from clients.tables import ClientNoteRow, ClientRow, ClientWishRow, IdentityRow, MergeRow
from clients.words import renew_words
from kernel.actor import Actor
from kernel.errors import ConflictError, InvalidInputError, NotFoundError
from kernel.ids import new_id
from kernel.journal import record

MERGE: Final = "client.merge"
Moved = Mapping[str, list[str]]
"""Ids of what belonged to the source, by kind."""


class Belongings(Protocol):
    """What other rooms keep about a client; the desk moves it in the same transaction."""

    async def move(
        self, session: AsyncSession, source_id: UUID, target_id: UUID
    ) -> dict[str, list[str]]:
        """Give all that is the source's to the target; return the ids moved, by kind."""

    async def move_back(
        self, session: AsyncSession, moved: Moved, source_id: UUID, target_id: UUID
    ) -> None:
        """Give back to the source what of `moved` is still the target's."""


class Merged(Struct, frozen=True, kw_only=True):
    merge_id: UUID
    source_id: UUID
    target_id: UUID


_OWN: Final[Mapping[str, tuple[Any, InstrumentedAttribute[Any]]]] = {
    "identities": (IdentityRow, IdentityRow.client_id),
    "notes": (ClientNoteRow, ClientNoteRow.client_id),
    "wishes": (ClientWishRow, ClientWishRow.client_id),
    "members": (ClientRow, ClientRow.organisation_id),
}
_FILLED: Final = ("email", "phone", "locale")
_FILLED_KEY: Final = "filled"


async def merge(
    session: AsyncSession,
    actor: Actor,
    *,
    source_id: UUID,
    target_id: UUID,
    others: Belongings,
    now: datetime,
) -> Merged:
    """Make the source part of the target; everything moves, and what moved is remembered.

    Gaps in the target (address, number, language) are filled from the source. Raises
    InvalidInputError for a client with itself, a person with an organisation, or a blocked with
    an unblocked client (a merge must not unblock); ConflictError for one merged already.
    """
    actor.require(MERGE)
    source, target = await _lock_pair(session, source_id, target_id)
    _refuse_unlike(source, target)
    moved: dict[str, Any] = await others.move(session, source.id, target.id)
    for kind in _OWN:
        moved[kind] = await _move_own(session, kind, source.id, target.id)
    moved[_FILLED_KEY] = _fill(source, target)
    # Not in what an undoing takes out: whoever asked to be left alone is, until somebody says else.
    target.left_alone_at = target.left_alone_at or source.left_alone_at
    merge_id = new_id()
    session.add(
        MergeRow(
            id=merge_id,
            source_id=source.id,
            target_id=target.id,
            merged_by=actor.agent_id,
            merged_at=now,
            undone_by=None,
            undone_at=None,
            moved=moved,
        )
    )
    source.merged_into = target.id
    await _finish(session, source, target)
    record(
        session,
        ClientsMerged(
            actor_id=actor.agent_id, client_id=target.id, source_id=source.id, merge_id=merge_id
        ),
    )
    return Merged(merge_id=merge_id, source_id=source.id, target_id=target.id)


async def undo_merge(
    session: AsyncSession, actor: Actor, merge_id: UUID, *, others: Belongings, now: datetime
) -> Merged:
    """Make the source a client of its own again, with exactly what it brought.

    What came since stays with the target. Raises ConflictError when the target has itself been
    merged since: that merge is undone first.
    """
    actor.require(MERGE)
    row = await session.get(MergeRow, merge_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFoundError("no such merge")
    if row.undone_at is not None:
        raise ConflictError("this merge was undone already")
    source, target = await _lock_merged(session, row)
    await others.move_back(session, row.moved, source.id, target.id)
    for kind in _OWN:
        await _move_own_back(session, kind, row.moved, source.id, target.id)
    _empty(target, row.moved.get(_FILLED_KEY, {}))
    row.undone_by, row.undone_at = actor.agent_id, now
    source.merged_into = None
    await _finish(session, source, target)
    record(
        session,
        MergeUndone(
            actor_id=actor.agent_id, client_id=target.id, source_id=source.id, merge_id=merge_id
        ),
    )
    return Merged(merge_id=merge_id, source_id=source.id, target_id=target.id)


async def _lock_pair(
    session: AsyncSession, source_id: UUID, target_id: UUID
) -> tuple[ClientRow, ClientRow]:
    if source_id == target_id:
        raise InvalidInputError("choose another client", field="source_id")
    rows = {one: await locked_client(session, one) for one in sorted((source_id, target_id))}
    return rows[source_id], rows[target_id]


async def _lock_merged(session: AsyncSession, row: MergeRow) -> tuple[ClientRow, ClientRow]:
    """Lock both in the order of their ids, as everyone does."""
    rows = await session.scalars(
        select(ClientRow)
        .where(ClientRow.id.in_([row.source_id, row.target_id]))
        .order_by(ClientRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    by_id = {client.id: client for client in rows}
    source, target = by_id[row.source_id], by_id[row.target_id]
    if target.merged_into is not None:
        raise ConflictError("undo the later merge of this client first")
    return source, target


def _refuse_unlike(source: ClientRow, target: ClientRow) -> None:
    if source.kind != target.kind:
        raise InvalidInputError("a person and an organisation stay two", field="source_id")
    if (source.blocked_at is None) != (target.blocked_at is None):
        raise InvalidInputError("one of them is blocked; unblock or block both", field="source_id")


async def _move_own(
    session: AsyncSession, kind: str, source_id: UUID, target_id: UUID
) -> list[str]:
    table, owner = _OWN[kind]
    moved = await session.scalars(
        update(table)
        .where(owner == source_id)
        .values({owner.key: target_id})
        .returning(table.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(str(one) for one in moved)


async def _move_own_back(
    session: AsyncSession, kind: str, moved: Moved, source_id: UUID, target_id: UUID
) -> None:
    table, owner = _OWN[kind]
    ids = [UUID(one) for one in moved.get(kind, [])]
    if ids:
        await session.execute(
            update(table)
            .where(table.id.in_(ids), owner == target_id)
            .values({owner.key: source_id})
            .execution_options(synchronize_session=False)
        )


def _fill(source: ClientRow, target: ClientRow) -> dict[str, str]:
    """Fill the target's gaps; return what was filled in."""
    filled: dict[str, str] = {}
    for name in _FILLED:
        value = getattr(source, name)
        if value is not None and getattr(target, name) is None:
            setattr(target, name, value)
            filled[name] = value
    return filled


def _empty(target: ClientRow, filled: Mapping[str, str]) -> None:
    """Take out what was filled in, unless somebody changed it since."""
    for name, value in filled.items():
        if getattr(target, name) == value:
            setattr(target, name, None)


async def _finish(session: AsyncSession, source: ClientRow, target: ClientRow) -> None:
    source.version += 1
    target.version += 1
    await session.flush()
    for client in (source, target):
        await renew_words(session, client.id)
