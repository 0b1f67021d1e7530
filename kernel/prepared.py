"""Statements of the hot path, compiled once: rows go to SQLite without being looked at again.

SQLAlchemy stays the one that knows tables, types and dialects: it compiles the statement and
lends the processor of each column. What is left out is its work on each row of each run, which
for a wide row is several times what SQLite needs to store it.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
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
        await _flush(session)
        made = self._make(session, rows[0])
        await _on(line, made.sql, lambda raw: made.run(raw, rows))

    async def run_each(self, session: AsyncSession, rows: Sequence[Row]) -> list[bool]:
        """Run once for each row on SQLite; say which of them changed anything."""
        line: OneTripConnection = session.info[LINE]
        await _flush(session)
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

    Rows come as plain tuples in the order of the selected columns.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._made: _Asked | None = None

    async def rows(self, session: AsyncSession, **bound: Any) -> list[tuple[Any, ...]]:
        """Return what is found; a list stands for an expanding name, and none of its keys may
        be left out: an empty list finds nothing."""
        if any(isinstance(value, list) and not value for value in bound.values()):
            return []
        line = session.info.get(LINE)
        if line is None:
            return [tuple(row) for row in await session.execute(self._statement, bound)]
        await _flush(session)
        if self._made is None:
            self._made = _Asked(self._statement, session.get_bind().dialect)
        made = self._made
        found: list[tuple[Any, ...]] = []
        sql, values = made.filled(bound)
        await _on(line, sql, lambda raw: found.extend(raw.execute(sql, values)))
        return [made.row(one) for one in found]


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
        self._bind = {name: _processor(binds[name].type, dialect) for name in self._names}
        readers = [_reader(column.type, dialect) for column in statement.selected_columns]
        self._readers = [(place, read) for place, read in enumerate(readers) if read is not None]

    def filled(self, bound: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """Return the statement with a mark for each value, and the values."""
        sql = self._sql
        values: list[Any] = []
        for name in self._names:
            given: Any = bound[name] if name in bound else self._constants[name]
            process = self._bind[name]
            many = given if name in self._lists else [given]
            values.extend(map(process, many) if process else many)
            if name in self._lists:
                marks = ", ".join("?" * len(many))
                sql = sql.replace(f"(__[POSTCOMPILE_{name}])", f"({marks})", 1)
        return sql, values

    def row(self, raw: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(raw)
        for place, read in self._readers:
            if values[place] is not None:
                values[place] = read(values[place])
        return tuple(values)


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    if isinstance(kind, Uuid):
        return _uuid  # a third of the time of the usual way, and most columns are ids
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _uuid(text: str) -> UUID:
    return UUID(int=int(text, 16))


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
        self._picked = itemgetter(*names)
        self._processors = [
            (place, process)
            for place, name in enumerate(names)
            if (process := _processor(binds[name].type, dialect)) is not None
        ]

    def run(self, raw: sqlite3.Connection, rows: Sequence[Row]) -> None:
        raw.executemany(self.sql, [self._bound(row) for row in rows]).close()

    def run_each(self, raw: sqlite3.Connection, rows: Sequence[Row]) -> Iterator[bool]:
        for row in rows:
            cursor = raw.execute(self.sql, self._bound(row))
            yield cursor.rowcount > 0
            cursor.close()

    def _bound(self, row: Row) -> list[Any]:
        values = list(self._picked({**self._constants, **row} if self._constants else row))
        for place, process in self._processors:
            values[place] = process(values[place])
        return values


def _processor(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


async def _flush(session: AsyncSession) -> None:
    """Store what objects hold, as the usual way does; a flush of nothing is not free."""
    if session.new or session.dirty or session.deleted:
        await session.flush()


async def _on(
    line: OneTripConnection, sql: str, work: Callable[[sqlite3.Connection], None]
) -> None:
    """Do the work on the connection; its errors look as SQLAlchemy's do."""
    try:
        await line.run(work)
    except sqlite3.Error as error:
        raise DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True) from error
