"""One consistent look at the whole database while others go on writing to it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Table, collate, inspect, make_url, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.migrate import newest_revision, refuse_unknown, stored_revision
from contact_center.settings import Settings
from contact_center.tables import metadata
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import SettingsError

BLOB_COLUMN: Final = "blob"
"""In every table of the house, a column of this name holds the key of a blob, or nothing."""
_KEYS_AT_ONCE: Final = 10_000


@asynccontextmanager
async def open_database(settings: Settings, clock: Clock) -> AsyncIterator[Database]:
    """The database as it is; SettingsError when there is none yet. Nothing is migrated."""
    url = make_url(settings.database_url.reveal())
    _require_file(url)
    database = Database(url.render_as_string(hide_password=False), clock)
    try:
        yield database
    finally:
        await database.close()


def _require_file(url: URL) -> None:
    """Opening a SQLite database that is not there would make it, and its directory."""
    path = Path(url.database or "")
    if url.get_backend_name() == "sqlite" and not path.is_file():
        raise SettingsError(f"there is no database at {path} yet; “serve” makes one")


@asynccontextmanager
async def snapshot(database: Database) -> AsyncIterator[AsyncConnection]:
    """Read what was committed at one moment, whatever is written meanwhile.

    SQLite's write-ahead log gives this to every read transaction, PostgreSQL to one that is
    REPEATABLE READ. Raises SettingsError when the schema is not that of this version.
    """
    async with database.reader.connect() as connection:
        if database.dialect == "postgresql":
            connection = await connection.execution_options(  # noqa: PLW2901 - it is the same one
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        async with connection.begin():
            await connection.run_sync(require_current_schema)
            yield connection


def require_current_schema(connection: Connection) -> None:
    stored = stored_revision(connection)
    refuse_unknown(stored)
    if stored is None:
        raise SettingsError("this database holds no center yet; run: contact-center migrate")
    if stored != newest_revision():
        raise SettingsError(
            f"the database has schema {stored}, this version needs {newest_revision()}; "
            "run: contact-center migrate"
        )


def blob_tables() -> list[Table]:
    return [table for table in metadata.sorted_tables if BLOB_COLUMN in table.columns]


def referenced_blobs(connection: Connection) -> Iterator[str]:
    """Yield the key of every blob that a row names, in the order of their digits, once."""
    keys = union(
        *(
            select(table.c[BLOB_COLUMN]).where(table.c[BLOB_COLUMN].is_not(None))
            for table in blob_tables()
        )
    ).subquery()
    key = keys.c[BLOB_COLUMN]
    order = collate(key, "C") if connection.dialect.name == "postgresql" else key
    yield from connection.scalars(
        select(key).order_by(order), execution_options={"yield_per": _KEYS_AT_ONCE}
    )


def is_empty(connection: Connection) -> bool:
    return not inspect(connection).get_table_names()
