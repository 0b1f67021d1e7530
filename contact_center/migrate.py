"""Brings the database to the schema this version needs."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from kernel.database import Database
from kernel.errors import SettingsError

VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"
_LOCK: Final = 0x736368656D61  # "schema" in ASCII: the advisory lock of who migrates


async def upgrade(database: Database) -> None:
    """Run the migrations that are missing; a database that is up to date is left alone.

    All of them are one transaction on either database: a crash leaves the schema as it was.
    Raises SettingsError when a newer version of the center made the database.
    """
    if not revisions():  # while the first one is being written
        return
    async with database.writer.begin() as connection:
        await connection.run_sync(upgrade_connection, newest_revision())


def upgrade_connection(connection: Connection, revision: str) -> None:
    """Bring the schema up to `revision` in the transaction of `connection`."""
    if connection.dialect.name == "postgresql":
        # Two nodes that start together: the second waits and then finds nothing to do.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    stored = stored_revision(connection)
    refuse_unknown(stored)
    if stored == revision:
        return
    # Alembic costs a fifth of a second to import, and nearly every start has nothing to do.
    from contact_center.revisions import run_to  # noqa: PLC0415

    run_to(connection, revision)


def refuse_unknown(stored: str | None) -> None:
    if stored is not None and stored not in revisions():
        raise SettingsError(
            f"a newer version of the center made this database (schema {stored}; "
            f"this version knows {newest_revision()}): run that version, or restore a backup"
        )


def stored_revision(connection: Connection) -> str | None:
    """Return the revision of the database; None when it holds no center."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def revisions() -> list[str]:
    """Return every revision this version knows, oldest first.

    A migration's file begins with its number, and its number is its revision.
    """
    return sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


def newest_revision() -> str:
    return revisions()[-1]
