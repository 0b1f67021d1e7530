"""The database: can it be reached, is it whole, does it keep what it promised to keep."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, select, text

from contact_center.doctor.finding import Finding, bad, good, warning
from contact_center.durability import LOST_WITHOUT, switched_off
from contact_center.migrate import newest_revision, revisions, stored_revision
from kernel.clock import Clock
from kernel.journal import JournalRow

POSTGRES_OLDEST: Final = 140_000  # the oldest that is still cared for
SKEW: Final = timedelta(seconds=5)
_FAULTS_SHOWN: Final = 3


def examine_store(connection: Connection, clock: Clock) -> Iterator[Finding]:
    """Look at the database itself; findings on what is in it follow only for our own schema."""
    if connection.dialect.name == "postgresql":
        yield from _postgres(connection)
        yield _skew(connection, clock)
    else:
        yield from _sqlite(connection)
    yield _schema(connection)


def examine_clock(connection: Connection, clock: Clock) -> Finding:
    """The journal tells when the center last wrote: a clock before that went backwards."""
    last: datetime | None = connection.scalar(
        select(JournalRow.at).order_by(JournalRow.seq.desc()).limit(1)
    )
    now = clock.now()
    if last is not None and now < last - SKEW:
        return bad(
            "clock",
            f"it is {now:%Y-%m-%d %H:%M} here, but the center wrote on {last:%Y-%m-%d %H:%M}",
            "set the clock of this machine; let NTP keep it",
        )
    return good("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _sqlite(connection: Connection) -> Iterator[Finding]:
    faults = list(connection.scalars(text(f"PRAGMA quick_check({_FAULTS_SHOWN})")))
    if faults == ["ok"]:
        yield good("database", "SQLite, whole")
    else:
        yield bad(
            "database",
            f"SQLite, damaged: {'; '.join(faults)}",
            "stop the center, keep a copy of the files, and restore the last backup",
        )
    mode = connection.scalar(text("PRAGMA journal_mode"))
    level = connection.scalar(text("PRAGMA synchronous"))
    if (mode, level) == ("wal", 2):
        yield good("durability", "write-ahead log, synced at every commit")
    else:
        yield bad(
            "durability",
            f"journal_mode is {mode} and synchronous {level}: a power cut can lose mail",
            "keep the database on a local disk that can lock files",
        )


def _postgres(connection: Connection) -> Iterator[Finding]:
    number = int(_shown(connection, "server_version_num"))
    version = _shown(connection, "server_version")
    if number < POSTGRES_OLDEST:
        yield bad("database", f"PostgreSQL {version} is too old", "upgrade it to 14 or newer")
    else:
        yield good("database", f"PostgreSQL {version}")
    off = switched_off(connection)
    for name in off:
        lost = LOST_WITHOUT[name]
        yield bad("durability", f"{name} is off: {lost}", f"set {name} = on in postgresql.conf")
    if not off:
        yield good("durability", "synced at every commit")


def _skew(connection: Connection, clock: Clock) -> Finding:
    theirs: datetime = connection.execute(select(func.now())).scalar_one()
    skew = abs(theirs.astimezone(UTC) - clock.now())
    if skew > SKEW:
        return warning(
            "clocks",
            f"this machine and the database differ by {skew.total_seconds():.0f} s",
            "let NTP keep both",
        )
    return good("clocks", "this machine and the database agree")


def _schema(connection: Connection) -> Finding:
    stored, newest = stored_revision(connection), newest_revision()
    if stored == newest:
        return good("schema", newest)
    if stored is None:
        return bad("schema", "the database is empty", "run: contact-center migrate")
    if stored in revisions():
        return bad(
            "schema", f"{stored}; this version needs {newest}", "run: contact-center migrate"
        )
    return bad(
        "schema",
        f"{stored} is of a newer version; this one knows {newest}",
        "run that version, or restore a backup that this one made",
    )


def _shown(connection: Connection, name: str) -> str:
    found: Any = connection.scalar(text(f"SHOW {name}"))
    return str(found)
