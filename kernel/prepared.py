"""Statements of the hot path, compiled once: rows go to SQLite without being looked at again.

SQLAlchemy stays the one that knows tables, types and dialects: it compiles the statement and
lends the processor of each column. What is left out is its work on each row of each run, which
for a wide row is several times what SQLite needs to store it.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Insert, Select, Uuid
from sqlalchemy.engine import Compiled, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import TypeEngine

from kernel.one_trip import OneTripConnection

LINE: Final = "line"
"""Where a session keeps its SQLite connection."""

Row = Mapping[str, Any]
_OfColumn = Callable[[Iterable[Any]], Iterable[Any]]


class Prepared:
    """An insert or update whose bound names never change; made once, beside its table."""

    def __init__(self, statement: UpdateBase) -> None:
        """An insert stores what its first row names, an update what it binds."""
        self._statement = statement
        self._made: dict[tuple[str, ...], _Made] = {}

    async def run(self, session: AsyncSession, rows: Sequence[Row]) -> None:
        """Run once for each row; what the session has not flushed yet is flushed first."""
        if not rows:
            return
        line = session.info.get(LINE)
        if line is None:
            await session.execute(self._statement, rows)
            return
        await flush(session)
        made = self._make(session, rows[0])
        await _on(line, made.sql, lambda raw: made.run(raw, rows))

    async def run_each(self, session: AsyncSession, rows: Sequence[Row]) -> list[bool]:
        """Run once for each row on SQLite; say which of them changed anything."""
        line: OneTripConnection = session.info[LINE]
        await flush(session)
        made = self._make(session, rows[0])
        changed: list[bool] = []
        await _on(line, made.sql, lambda raw: changed.extend(made.run_each(raw, rows)))
        return changed

    def _make(self, session: AsyncSession, first: Row) -> "_Made":
        names = tuple(first)
        made = self._made.get(names)
        if made is None:
            dialect = session.get_bind().dialect
            keys = names if isinstance(self._statement, Insert) else None
            compiled = self._statement.compile(dialect=dialect, column_keys=keys)
            made = self._made[names] = _Made(compiled, dialect)
        return made


class Lookup:
    """A select whose shape never changes, found by keys: `column.in_(bindparam("ids", expanding))`.

    Rows come as plain tuples in the order of the selected columns. A bound name compared with a
    foreign key has to say its type: the column does not know it before all tables are there.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._made: _Asked | None = None
        self._row: Any = None

    async def rows(self, session: AsyncSession, **bound: Any) -> list[tuple[Any, ...]]:
        """Return what is found; a list stands for an expanding name, and none of its keys may
        be left out: an empty list finds nothing."""
        if any(isinstance(value, list) and not value for value in bound.values()):
            return []
        line = session.info.get(LINE)
        if line is None:
            return [tuple(row) for row in await session.execute(self._statement, bound)]
        await flush(session)
        if self._made is None:
            self._made = _Asked(self._statement, session.get_bind().dialect)
        made = self._made
        found: list[tuple[Any, ...]] = []
        sql, values = made.filled(bound)
        await _on(line, sql, lambda raw: found.extend(raw.execute(sql, values)))
        return made.read(found)

    async def named(self, session: AsyncSession, **bound: Any) -> list[Any]:
        """Return the same rows, whose values also go by the names of their columns."""
        if self._row is None:
            names = [str(column.key) for column in self._statement.selected_columns]
            self._row = namedtuple("_Row", names)  # type: ignore[misc]
        return [self._row._make(row) for row in await self.rows(session, **bound)]


class _Asked:
    """The words of a select, and how its columns are read."""

    def __init__(self, statement: Select[*tuple[Any, ...]], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        binds = compiled.binds
        self._sql = str(compiled)
        self._names = list(compiled.positiontup or ())
        self._constants = {
            name: binds[name].value for name in self._names if not binds[name].required
        }
        self._lists = {name for name in self._names if binds[name].expanding}
        self._bind = {name: _binder(binds[name].type, dialect) for name in self._names}
        self._readers = [_reader(column.type, dialect) for column in statement.selected_columns]

    def filled(self, bound: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """Return the statement with a mark for each value, and the values."""
        sql = self._sql
        values: list[Any] = []
        for name in self._names:
            given: Any = bound[name] if name in bound else self._constants[name]
            bind = self._bind[name]
            many = given if name in self._lists else [given]
            values.extend(bind(many) if bind else many)
            if name in self._lists:
                marks = ", ".join("?" * len(many))
                sql = sql.replace(f"(__[POSTCOMPILE_{name}])", f"({marks})", 1)
        return sql, values

    def read(self, raw: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        return _each_column(self._readers, raw)


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> _OfColumn | None:
    if isinstance(kind, Uuid):
        return _uuids
    read = kind.dialect_impl(dialect).result_processor(dialect, None)
    return None if read is None else lambda column: map(read, column)


def _binder(kind: TypeEngine[Any], dialect: Dialect) -> _OfColumn | None:
    if isinstance(kind, Uuid):
        return _hexes
    bind = kind.dialect_impl(dialect).bind_processor(dialect)
    return None if bind is None else lambda column: map(bind, column)


# Most columns are ids; these take a third of the time of the usual way.


def _uuids(column: Iterable[str | None]) -> Iterable[UUID | None]:
    return [None if text is None else UUID(int=int(text, 16)) for text in column]


def _hexes(column: Iterable[UUID | None]) -> Iterable[str | None]:
    return [None if one is None else f"{one.int:032x}" for one in column]


def _each_column(
    works: Sequence[_OfColumn | None], rows: Iterable[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """Translate rows by their columns: one loop for each column, not one call for each value."""
    columns = [
        column if work is None else work(column)
        for work, column in zip(works, zip(*rows, strict=True), strict=False)
    ]
    return list(zip(*columns, strict=True))


class _Made:
    """The words of a statement, and how a row becomes what it binds."""

    def __init__(self, compiled: Compiled, dialect: Dialect) -> None:
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - tells the type checker
        self.sql = str(compiled)
        binds = compiled.binds
        names = list(compiled.positiontup or ())
        self._constants = {name: binds[name].value for name in names if not binds[name].required}
        for column in compiled.insert_prefetch if isinstance(compiled.statement, Insert) else ():
            # What a column is by default when no row names it.
            assert isinstance(column.default, ScalarElementColumnDefault)  # noqa: S101
            self._constants[column.key] = column.default.arg
        self._names = names
        self._binders = [_binder(binds[name].type, dialect) for name in names]

    def run(self, raw: sqlite3.Connection, rows: Sequence[Row]) -> None:
        raw.executemany(self.sql, self._bound(rows)).close()

    def run_each(self, raw: sqlite3.Connection, rows: Sequence[Row]) -> Iterator[bool]:
        for values in self._bound(rows):
            cursor = raw.execute(self.sql, values)
            yield cursor.rowcount > 0
            cursor.close()

    def _bound(self, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
        full = [{**self._constants, **row} for row in rows] if self._constants else rows
        picked = (tuple([row[name] for name in self._names]) for row in full)
        return _each_column(self._binders, picked)


async def flush(session: AsyncSession) -> None:
    """Store what objects hold, as the usual way does; a flush of nothing is not free."""
    if not session.sync_session._is_clean():  # noqa: SLF001 - what it asks itself; `new` and `dirty` build sets
        await session.flush()


async def _on(
    line: OneTripConnection, sql: str, work: Callable[[sqlite3.Connection], None]
) -> None:
    """Do the work on the connection; its errors look as SQLAlchemy's do."""
    try:
        await line.run(work)
    except sqlite3.Error as error:
        raise as_database_error(sql, error) from error


def as_database_error(sql: str, error: sqlite3.Error) -> Exception:
    """Return what SQLAlchemy would have raised, without the values."""
    return DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True)
