"""Prepared statements store and find exactly what the usual way does, on both databases."""

from typing import Any, Final, cast
from uuid import UUID

import pytest
from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.bookmarks import BookmarkRow
from kernel.database import Database
from kernel.ids import new_id
from kernel.journal import JournalRow
from kernel.prepared import Lookup, Prepared
from tickets.tables import CannedReplyRow

_JOURNAL: Final = cast("Table", JournalRow.__table__)
_INSERT: Final = Prepared(insert(_JOURNAL))
_RENAME: Final = Prepared(
    update(_JOURNAL)
    .where(_JOURNAL.c.seq == bindparam("b_seq"))
    .values(kind=bindparam("b_kind"), actor_id=None)
)
_BY_TICKET: Final = Lookup(
    select(_JOURNAL.c.seq, _JOURNAL.c.at, _JOURNAL.c.ticket_id, _JOURNAL.c.data)
    .where(
        _JOURNAL.c.ticket_id.in_(bindparam("ids", expanding=True)),
        _JOURNAL.c.kind == bindparam("kind"),
        _JOURNAL.c.queue_id.is_(None),
    )
    .order_by(_JOURNAL.c.seq)
)


def row(database: Database, seq: int, ticket_id: UUID, **more: Any) -> dict[str, Any]:
    empty = dict.fromkeys(_JOURNAL.columns.keys())
    known = {"seq": seq, "at": database.clock.now(), "kind": "Told", "ticket_id": ticket_id}
    return {**empty, **known, "data": {"words": ["ї", None, 7]}, **more}


async def usual(session: AsyncSession) -> list[tuple[Any, ...]]:
    columns = (JournalRow.seq, JournalRow.kind, JournalRow.ticket_id, JournalRow.data)
    return [tuple(one) for one in await session.execute(select(*columns).order_by(JournalRow.seq))]


@pytest.mark.parametrize("quick", [True, False])
async def test_rows_stored_by_a_prepared_insert_read_like_any_other(
    database: Database, quick: bool
) -> None:
    ticket = new_id()

    async with database.transaction(quick=quick) as session:
        await _INSERT.run(session, [row(database, seq, ticket) for seq in (1, 2)])
    async with database.reading() as session:
        stored = await usual(session)

    facts = {"words": ["ї", None, 7]}
    assert stored == [(1, "Told", ticket, facts), (2, "Told", ticket, facts)]


async def test_an_update_changes_what_its_keys_name(database: Database) -> None:
    ticket = new_id()
    async with database.transaction() as session:
        await _INSERT.run(session, [row(database, seq, ticket, actor_id=ticket) for seq in (1, 2)])

        await _RENAME.run(session, [{"b_seq": 2, "b_kind": "Changed"}])

        assert [one[1] for one in await usual(session)] == ["Told", "Changed"]


@pytest.mark.parametrize("quick", [True, False])
async def test_a_lookup_finds_by_any_number_of_keys(database: Database, quick: bool) -> None:
    first, second, third = new_id(), new_id(), new_id()
    async with database.transaction() as session:
        rows = [row(database, 1, first), row(database, 2, second), row(database, 3, third)]
        await _INSERT.run(session, [*rows, row(database, 4, first, kind="Other")])

    async with database.reading(quick=quick) as session:
        one = await _BY_TICKET.rows(session, ids=[first], kind="Told")
        two = await _BY_TICKET.rows(session, ids=[third, first], kind="Told")
        none = await _BY_TICKET.rows(session, ids=[], kind="Told")

    facts = {"words": ["ї", None, 7]}
    now = database.clock.now()
    assert one == [(1, now, first, facts)]
    assert two == [(1, now, first, facts), (3, now, third, facts)]
    assert none == []


async def test_what_was_only_added_is_flushed_first(database: Database) -> None:
    mark = Prepared(
        update(cast("Table", BookmarkRow.__table__))
        .where(BookmarkRow.name == bindparam("b_name"))
        .values(seq=bindparam("b_seq"))
    )

    async with database.transaction() as session:
        session.add(BookmarkRow(name="here", seq=1))
        await mark.run(session, [{"b_name": "here", "b_seq": 5}])
    async with database.reading() as session:
        seq = await session.scalar(select(BookmarkRow.seq))

    assert seq == 5


@pytest.mark.parametrize("quick", [True, False])
async def test_a_broken_rule_is_the_same_error_and_nothing_stays(
    database: Database, quick: bool
) -> None:
    with pytest.raises(IntegrityError):
        async with database.transaction(quick=quick) as session:
            await _INSERT.run(session, [row(database, 1, new_id()), row(database, 1, new_id())])

    async with database.reading() as session:
        assert await usual(session) == []


async def test_no_rows_are_no_statement(database: Database) -> None:
    async with database.transaction() as session:
        await _INSERT.run(session, [])

        assert await usual(session) == []


async def test_a_column_that_no_row_names_is_what_it_is_by_default(database: Database) -> None:
    put = Prepared(insert(cast("Table", CannedReplyRow.__table__)))
    known = {"id": new_id(), "shortcut": "hi", "title": "Hi", "html": "<p>Hi</p>"}

    async with database.transaction(quick=True) as session:
        await put.run(session, [{**known, "updated_at": database.clock.now()}])
        stored = await session.get(CannedReplyRow, known["id"])

    assert stored is not None
    assert (stored.version, stored.team_id) == (1, None)
