"""Puts an archive back into an empty center, on either database, all of it or nothing."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, cast, delete, false, func, select, text
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from channels import outbox
from contact_center.backups.archive import (
    BLOB_MEMBER,
    KEY,
    TABLE_MEMBER,
    ArchiveError,
    read_members,
)
from contact_center.backups.checking import Checked, check_archive
from contact_center.backups.rows import RowReader
from contact_center.backups.snapshot import is_empty
from contact_center.keys import KEY_FILE
from contact_center.migrate import newest_revision, upgrade_connection
from contact_center.settings import Settings
from kernel.blobs import BlobKey, BlobStore
from kernel.clock import Clock
from kernel.database import Database
from kernel.disk import sync_directory, write_synced
from kernel.errors import SettingsError
from kernel.secrets import load_master
from staff.tables import ApiTokenRow, SessionRow
from tickets import service as tickets

HELD_BACK: Final = "held back after a restore: it may have been sent already"
_NOT_OURS: Final = frozenset({"lost+found"})  # a fresh volume has one
_NUL: Final = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


class Restored(Struct, frozen=True, kw_only=True):
    rows: int
    blobs: int
    held: int
    """Messages that waited to be sent and now wait for a person."""
    lost_blobs: int
    has_key: bool


async def restore_backup(settings: Settings, source: Path, clock: Clock) -> Restored:
    """Check the whole archive, then restore it; a failure leaves the center as empty as it was.

    What waited to be sent is held, since it may have been sent after the backup was made; who was
    signed in must sign in again, and API tokens are void. Cursors stay: what is fetched twice is
    known by its delivery key. Raises ArchiveError for anything but a whole and unchanged backup
    that this version knows, SettingsError when data directory or database are not empty.
    """
    _require_empty(settings.data_dir)
    checked = check_archive(source)
    _require_one_key(checked, settings.data_dir / KEY_FILE)
    with _undone_on_failure(settings.data_dir):
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = Database(settings.database_url.reveal(), clock)
        try:
            async with database.transaction() as session:
                await _require_no_tables(session)
                _restore_files(checked, settings.data_dir)
                connection = await session.connection()
                await connection.run_sync(_restore_rows, checked)
                held = await _make_safe(session, clock)
        except (IntegrityError, DataError) as error:
            raise ArchiveError("the rows of this backup do not fit together") from error
        finally:
            await database.close()
    return Restored(
        rows=sum(checked.manifest.rows.values()),
        blobs=checked.manifest.blobs,
        held=held,
        lost_blobs=checked.manifest.lost_blobs,
        has_key=checked.has_key,
    )


def _require_empty(data_dir: Path) -> None:
    """A key alone may lie there: that of a backup made without one."""
    if data_dir.is_dir():
        found = {path.name for path in data_dir.iterdir()} - _NOT_OURS - {KEY_FILE}
        if found:
            raise SettingsError(
                f"{data_dir} is not empty; move it away, or set data_dir to a new directory"
            )


def _require_one_key(checked: Checked, key_file: Path) -> None:
    if checked.has_key and key_file.exists():
        raise SettingsError(f"the backup has a key of its own; move {key_file} away")


async def _require_no_tables(session: AsyncSession) -> None:
    connection = await session.connection()
    if not await connection.run_sync(is_empty):
        raise SettingsError("the database is not empty; make a new one and set database_url to it")


@contextmanager
def _undone_on_failure(data_dir: Path) -> Iterator[None]:
    """Remove what a failed restore left in the directory, which was empty but for a key."""
    had_key = (data_dir / KEY_FILE).exists()
    try:
        yield
    except BaseException:
        for path in data_dir.iterdir() if data_dir.is_dir() else ():
            if path.name in _NOT_OURS or (had_key and path.name == KEY_FILE):
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        raise


def _restore_files(checked: Checked, data_dir: Path) -> None:
    """Write key and blobs, and return when they are on the disk."""
    key_file = data_dir / KEY_FILE
    store = BlobStore(data_dir / "blobs")
    for member in read_members(checked.path):
        if member.name == KEY:
            write_synced(key_file, member.data)
            load_master(key_file)
        elif blob := BLOB_MEMBER.fullmatch(member.name):
            path = store.path(BlobKey(blob[1]))
            path.parent.mkdir(mode=0o700, exist_ok=True)
            path.touch(mode=0o600, exist_ok=False)
            path.write_bytes(member.data)
    # Once for all of them: a sync for each takes longer than everything else together.
    os.sync()
    sync_directory(data_dir)


def _restore_rows(connection: Connection, checked: Checked) -> None:
    """Make the schema of the archive, fill it, and bring it up to that of this version."""
    upgrade_connection(connection, checked.header.schema)
    postgres = connection.dialect.name == "postgresql"
    check_references = (_postgres_references if postgres else _sqlite_references)(connection)
    readers = {table.name: RowReader(table) for table in checked.header.tables}
    for member in read_members(checked.path):
        if piece := TABLE_MEMBER.fullmatch(member.name):
            # PostgreSQL has no text with a NUL in it; SQLite does, should one have slipped in.
            lines = _NUL.sub(rb"\1\\ufffd", member.data) if postgres else member.data
            reader = readers[piece[1]]
            reader.store(connection, reader.read(lines))
    if postgres:
        _continue_numbering(connection, readers)
    check_references()
    upgrade_connection(connection, newest_revision())


def _sqlite_references(connection: Connection) -> Callable[[], None]:
    """Let SQLite check foreign keys at the commit: a client may name one that comes later."""
    connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    return lambda: None


def _postgres_references(connection: Connection) -> Callable[[], None]:
    """Take the foreign keys away and return what puts them back, which checks every row."""
    known = connection.execute(
        text(
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) "
            "FROM pg_constraint "
            "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
        )
    ).all()
    for table, name, _ in known:
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")

    def put_back() -> None:
        for table, name, definition in known:
            connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")

    return put_back


def _continue_numbering(connection: Connection, readers: dict[str, RowReader]) -> None:
    """Let PostgreSQL's sequences go on after the numbers that were restored."""
    for column in (column for reader in readers.values() for column in reader.numbers):
        names = {"table": f'"{column.table.name}"', "column": column.name}
        sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:table, :column)"), names)
        if sequence is not None:
            last = select(func.coalesce(func.max(column), 0)).scalar_subquery()
            connection.execute(select(func.setval(cast(sequence, REGCLASS), last + 1, false())))


async def _make_safe(session: AsyncSession, clock: Clock) -> int:
    """Hold what waits to be sent, end sessions and tokens; return how many messages are held."""
    held = await outbox.hold_waiting(session, HELD_BACK)
    for message_id in held:
        await tickets.move_state(
            session, message_id, "uncertain", reason=HELD_BACK, now=clock.now()
        )
    await session.execute(delete(SessionRow))
    await session.execute(delete(ApiTokenRow))
    return len(held)
