"""SQLite statements that reach the file with the fewest trips between threads: one, or none.

The driver's own cursor makes four trips to the connection's thread for a statement (made, run,
read, closed), and each costs more than most statements do. Here a statement goes there and back
once; those of a quick transaction do not go at all.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiosqlite

_ROWS_AT_ONCE = 64
_ASKS_AGAIN_SECONDS = 0.01
_PRIMARY_CODE = 0xFF
"""Of an error of SQLite: what is above tells its kinds apart (https://sqlite.org/rescode.html)."""


class OneTripConnection(aiosqlite.Connection):
    """A connection whose cursors hold all their rows as soon as a statement has run.

    While `in_place` is set, statements run in the event loop's own thread: right for those that
    take less time than a trip does, of which there are many one after another. What may wait makes
    the trip: beginning while another process writes, and committing, which waits for the disk.
    """

    def __init__(
        self, connector: Callable[[], sqlite3.Connection], *, writes: bool, busy_seconds: float
    ) -> None:
        super().__init__(connector, _ROWS_AT_ONCE)
        self._thread.daemon = True  # a connection that nobody closed must not keep the process
        self._writes = writes
        self._busy_seconds = busy_seconds
        self.in_place = False

    def cursor(self) -> "OneTripCursor":  # type: ignore[override] # needs no trip to be made
        return OneTripCursor(self)

    async def run(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Do the work here, or in the connection's thread."""
        if self.in_place:
            work(self._conn)
        else:
            await self._execute(lambda: work(self._conn))  # type: ignore[no-untyped-call]

    async def begin(self) -> None:
        """Begin at once; while another process writes, wait for it in the connection's thread."""
        if not self._writes:
            self._conn.execute("BEGIN").close()  # touches nothing before the first statement
            return
        try:
            self._conn.execute("BEGIN IMMEDIATE").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY:
                raise
            await self._execute(self._begin_patiently)  # type: ignore[no-untyped-call]

    def _begin_patiently(self) -> None:
        self._be_patient(self._busy_seconds)
        try:
            self._conn.execute("BEGIN IMMEDIATE").close()
        finally:
            self._be_patient(0)

    def be_impatient(self) -> None:
        """Let nothing wait in the event loop's thread: called once, when the file is open."""
        if self._writes:
            self._be_patient(0)

    def _be_patient(self, seconds: float) -> None:
        self._conn.execute(f"PRAGMA busy_timeout={round(seconds * 1000)}").close()

    async def commit(self) -> None:
        self.in_place = False
        if not self._writes:
            self._conn.commit()  # nothing to write: it only lets go of its snapshot
        elif self.in_transaction:
            await super().commit()

    async def rollback(self) -> None:
        # Also asked for whenever a connection goes back to its pool, mostly with nothing to do.
        self.in_place = False
        if self.in_transaction:
            await super().rollback()


class OneTripCursor:
    """What SQLAlchemy asks of an asynchronous cursor, and no more."""

    def __init__(self, connection: OneTripConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Self:
        await self._connection.run(lambda line: self._keep(line.execute(sql, parameters)))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> Self:
        await self._connection.run(lambda line: self._keep(line.executemany(sql, parameters)))
        return self

    def _keep(self, cursor: sqlite3.Cursor) -> None:
        """Take all there is to know of what has run, in the thread it ran in."""
        self.description = cursor.description
        self._rows = cursor.fetchall() if cursor.description else []
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        cursor.close()

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        count = size or self.arraysize
        rows, self._rows = self._rows[:count], self._rows[count:]
        return rows

    async def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    async def close(self) -> None:
        self._rows = []


async def open_connection(path: Path, *, writes: bool, busy_seconds: float) -> OneTripConnection:
    """Open the file; its statements may run in any thread, one at a time."""
    connection = OneTripConnection(
        lambda: sqlite3.connect(path, timeout=busy_seconds, check_same_thread=False),
        writes=writes,
        busy_seconds=busy_seconds,
    )
    _ = await connection
    try:
        await _write_ahead(connection, busy_seconds)
    except BaseException:
        await connection.close()
        raise
    return connection


async def _write_ahead(connection: OneTripConnection, seconds: float) -> None:
    """Have the file keep a write-ahead log, for at most so long.

    Two that open a new file at once exclude each other here, and SQLite lets neither wait, since
    both would for ever (https://sqlite.org/c3ref/busy_handler.html): who is refused asks again.
    """
    clock = asyncio.get_running_loop().time
    last = clock() + seconds
    while True:
        try:
            async with connection.execute("PRAGMA journal_mode=WAL"):
                return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY or clock() >= last:
                raise
        await asyncio.sleep(_ASKS_AGAIN_SECONDS)
