"""The database: one way to write, one way to read, and the list of those told of a commit."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, cast

import msgspec
from sqlalchemy import event, make_url
from sqlalchemy.engine import URL, AdaptedConnection, Connection, Dialect, Engine
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import Session
from sqlalchemy.util import LRUCache

from kernel.clock import Clock
from kernel.crash import crash_here
from kernel.entries import Noted
from kernel.errors import ClashError, OverloadedError, SettingsError
from kernel.journal import write_pending
from kernel.one_trip import OneTripConnection, open_connection
from kernel.outage import is_clash, is_outage
from kernel.prepared import LINE, as_database_error, flush
from kernel.setting_changes import write_changes
from kernel.turns import Turns

Listener = Callable[[Sequence[Noted]], None]
Prepare = Callable[[AsyncSession], Awaitable[None]]
Watch = Callable[[Session], None]

BUSY_SECONDS = 10
READERS = 4
POSTGRES_POOL = 10
CONNECT_SECONDS = 3.0
"""A server that is there greets in milliseconds; one that is not must not hold up a request."""
_SYNCHRONOUS_FULL = 2
COMPILED_STATEMENTS = 2_000


class Database:
    """SQLite with one writer and several readers, or PostgreSQL with one pool.

    On SQLite a write transaction begins with `BEGIN IMMEDIATE` on the single writing connection:
    a deferred one loses updates silently, and taking turns is fair where SQLite's busy loop
    is not.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self.url = make_url(url)
        self.clock = clock
        self.dialect = self.url.get_backend_name()
        if self.dialect == "sqlite":
            self.writer = _sqlite_engine(self.url, readers=0)
            self.reader = _sqlite_engine(self.url, readers=READERS)
            self._to_write = Turns(1)
            self._to_read = Turns(READERS)
        else:
            self.writer = self.reader = _postgres_engine(self.url)
            self._to_write = self._to_read = Turns(POSTGRES_POOL)
        self._writes = type("WritingSession", (Session,), {})
        self._writing = async_sessionmaker(
            self.writer, expire_on_commit=False, sync_session_class=self._writes
        )
        self._reading = async_sessionmaker(self.reader, expire_on_commit=False)
        self._listeners: list[Listener] = []
        self._preparing: list[Prepare] = []

    def after_commit(self, listener: Listener) -> None:
        """Tell `listener` the journal entries of each transaction once it has committed."""
        self._listeners.append(listener)

    def before_commit(self, prepare: Prepare) -> None:
        """Let `prepare` complete what each transaction recorded before the journal is written."""
        self._preparing.append(prepare)

    def before_flush(self, watch: Watch) -> None:
        """Show `watch` what each writing transaction is about to store of its objects."""
        event.listen(self._writes, "before_flush", lambda session, *_: watch(session))

    @asynccontextmanager
    async def transaction(self, *, quick: bool = False) -> AsyncIterator[AsyncSession]:
        """Commit when the block ends well, roll back when it does not, then tell the listeners.

        The journal is written last, so the lock that orders it is held for one insert and the
        commit only. Nothing was stored when it raises `OverloadedError` (a full disk, an absent
        database) or `ClashError` (it stood in another's way).

        A `quick` one consists of statements that find their few rows by an index, each well below
        a millisecond: on SQLite they run in the event loop's thread, where they cost a fraction.
        """
        with _as_overload():
            async with self._to_write, self._session(self._writing, in_place=quick) as session:
                yield session
                for prepare in self._preparing:
                    await prepare(session)
                await flush(session)
                write_changes(session, self.clock.now())
                noted = await write_pending(session, self.clock.now())
                crash_here("database.before_commit")
            crash_here("database.after_commit_before_telling")
            if noted:
                for listener in self._listeners:
                    listener(noted)

    @asynccontextmanager
    async def reading(self, *, quick: bool = False) -> AsyncIterator[AsyncSession]:
        """A read-only snapshot that never waits for the writer; `quick` as for a transaction."""
        with _as_overload():
            async with self._to_read, self._session(self._reading, in_place=quick) as session:
                yield session

    @asynccontextmanager
    async def _session(
        self, make: async_sessionmaker[AsyncSession], *, in_place: bool
    ) -> AsyncIterator[AsyncSession]:
        """Begin, and commit when the block ends well: one step into SQLAlchemy for either."""
        session = make()
        try:
            try:
                line = await session.run_sync(_begin)
            except OSError as error:
                # A server that is away (its socket or its name gone), not the caller's own error.
                raise OverloadedError from error
            if isinstance(line, OneTripConnection):
                line.in_place = in_place
                session.info[LINE] = line
            yield session
            await session.run_sync(_commit)
        except BaseException:
            # Also of a task that is being cancelled: the connection must come back to its pool.
            await asyncio.shield(asyncio.create_task(session.close()))
            raise

    async def close(self) -> None:
        await self.writer.dispose()
        if self.reader is not self.writer:
            await self.reader.dispose()


def _begin(session: Session) -> object:
    """Take a connection and begin; return the driver's own connection."""
    return session.connection().connection.driver_connection


def _commit(session: Session) -> None:
    session.commit()
    session.close()


class _as_overload:  # noqa: N801 - reads as a phrase at the call
    """Turn "the database cannot take this now" into the one error every edge answers with 503."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None and is_outage(error):
            raise (ClashError if is_clash(error) else OverloadedError) from error


def _sqlite_engine(url: URL, *, readers: int) -> AsyncEngine:
    if not url.database or url.database == ":memory:":
        raise SettingsError("database_url: SQLite needs a file, for example ./var/center.db")
    path = Path(url.database)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = create_async_engine(
        url,
        pool_size=readers or 1,
        max_overflow=0,
        json_serializer=_to_json,
        json_deserializer=msgspec.json.decode,
        async_creator=lambda: open_connection(path, writes=not readers, busy_seconds=BUSY_SECONDS),
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.execute("PRAGMA cache_size=-16000")
        if readers:
            cursor.execute("PRAGMA query_only=ON")
        cursor.execute("PRAGMA synchronous")
        if cursor.fetchone()[0] < _SYNCHRONOUS_FULL:
            raise SettingsError("SQLite runs below synchronous=FULL and could lose mail; refused")
        cursor.close()
        connection.driver_connection.be_impatient()
        _compile_with_others(engine.sync_engine)

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        adapted = cast("AdaptedConnection", connection.connection.dbapi_connection)
        try:
            adapted.run_async(OneTripConnection.begin)
        except sqlite3.Error as error:
            raise as_database_error("BEGIN", error) from error
        except BaseException:
            # Cancelled while it waited: it may still begin, and nobody would end that.
            connection.invalidate()
            raise

    return engine


def _postgres_engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=POSTGRES_POOL,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "timeout": CONNECT_SECONDS,
            # Plans for the values at hand: a generic one reads the whole index for a rare word.
            "server_settings": {"plan_cache_mode": "force_custom_plan"},
        },
        json_serializer=_to_json,
        json_deserializer=msgspec.json.decode,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _joined(_connection: Any, _record: object) -> None:
        _compile_with_others(engine.sync_engine)

    return engine


_DIALECTS: Final[dict[str, Dialect]] = {}
_COMPILED: Final[LRUCache[Any, Any]] = LRUCache(COMPILED_STATEMENTS)


def _compile_with_others(engine: Engine) -> None:
    """Let all engines of one dialect compile a statement once: SQLite's writer and reader ask the
    same. The first to have connected, and so to know its server, lends the others its dialect.
    """
    engine.dialect = _DIALECTS.setdefault(engine.dialect.name, engine.dialect)
    engine._compiled_cache = _COMPILED  # noqa: SLF001 - a key names the dialect, so one is enough


def _to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()
