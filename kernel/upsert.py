"""Inserts that may meet a row that is already there, on both databases."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, cast

import sqlalchemy
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from kernel.prepared import LINE, Prepared
from kernel.tables import Table


async def insert_new(
    session: AsyncSession,
    table: type[Table],
    rows: Sequence[Mapping[str, Any]],
    returning: InstrumentedAttribute[Any],
) -> set[Any]:
    """Insert the rows whose unique keys are free; return the `returning` value of each inserted."""
    if not rows:
        return set()
    # The plain table and rows apart from the statement: it is compiled once, not for every batch.
    plain = cast("sqlalchemy.Table", table.__table__)
    if LINE in session.info:
        new = await _if_free(plain).run_each(session, rows)
        return {row[returning.key] for row, is_new in zip(rows, new, strict=True) if is_new}
    insert = insert_of(session)
    statement = insert(plain).on_conflict_do_nothing().returning(plain.c[returning.key])
    return set(await session.scalars(statement, [dict(row) for row in rows]))


async def add_missing(
    session: AsyncSession, table: type[Table], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert the rows whose unique keys are free; nobody asks which those were."""
    if not rows:
        return
    plain = cast("sqlalchemy.Table", table.__table__)
    if LINE in session.info:
        await _if_free(plain).run(session, rows)
    else:
        await session.execute(insert_of(session)(plain).on_conflict_do_nothing(), rows)


@cache
def _if_free(table: sqlalchemy.Table) -> Prepared:
    return Prepared(sqlite.insert(table).on_conflict_do_nothing())


async def put_row(
    session: AsyncSession,
    table: type[Table],
    row: Mapping[str, Any],
    *,
    key: Sequence[str],
) -> None:
    """Insert one row, or change the one with the same key."""
    insert = insert_of(session)
    changes = {name: value for name, value in row.items() if name not in key}
    statement = insert(table).values(dict(row))
    if changes:
        statement = statement.on_conflict_do_update(index_elements=list(key), set_=changes)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=list(key))
    await session.execute(statement)


def insert_of(session: AsyncSession) -> Callable[[Any], Any]:
    """Return the `insert` of the session's database, the one that knows ON CONFLICT."""
    if session.get_bind().dialect.name != "postgresql":
        return sqlite.insert
    # Loaded where there is a PostgreSQL only: it is a large part of the time a start takes.
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert
