"""Inserts that may meet a row that is already there, on both databases."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from kernel.tables import Table

_VARIABLES = 30_000  # SQLite takes at most 32,766 in one statement


async def insert_new(
    session: AsyncSession,
    table: type[Table],
    rows: Sequence[Mapping[str, Any]],
    returning: InstrumentedAttribute[Any],
) -> set[Any]:
    """Insert the rows whose unique keys are free; return the `returning` value of each inserted."""
    fresh: set[Any] = set()
    if not rows:
        return fresh
    insert = postgresql.insert if _is_postgres(session) else sqlite.insert
    step = max(1, _VARIABLES // len(rows[0]))
    for start in range(0, len(rows), step):
        statement = (
            insert(table)
            .values([dict(row) for row in rows[start : start + step]])
            .on_conflict_do_nothing()
            .returning(returning)
        )
        fresh.update(await session.scalars(statement))
    return fresh


async def put_row(
    session: AsyncSession,
    table: type[Table],
    row: Mapping[str, Any],
    *,
    key: Sequence[str],
) -> None:
    """Insert one row, or change the one with the same key."""
    insert = postgresql.insert if _is_postgres(session) else sqlite.insert
    changes = {name: value for name, value in row.items() if name not in key}
    statement = insert(table).values(dict(row))
    if changes:
        statement = statement.on_conflict_do_update(index_elements=list(key), set_=changes)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=list(key))
    await session.execute(statement)


def _is_postgres(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "postgresql"
