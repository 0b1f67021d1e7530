"""The doctor tells what is wrong, how bad it is, and what mends it."""

import os
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from channels.tables import AccountRow, DeliveryRow, OutboxRow
from contact_center.backups.snapshot import blob_tables
from contact_center.doctor.finding import Finding, Level
from contact_center.doctor.machine import built_pages, disk
from contact_center.doctor.store import examine_clock, examine_store
from contact_center.doctor.visit import examine
from contact_center.settings import Settings
from kernel.blobs import BlobStore
from kernel.clock import SystemClock
from kernel.database import Database
from kernel.secrets import Secret, make_master
from tests.clock import ManualClock
from tests.contact_center.backups.filled import START, fill
from tests.postgres import PostgresServer
from tests.templates import lay_migrated, new_migrated

CLOCK = SystemClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "var", listen_port=1)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """A center that has something in every table, and nothing wrong with its files."""
    settings.data_dir.mkdir(mode=0o700)
    make_master(settings.data_dir / "secret.key")
    keys = await BlobStore(settings.data_dir / "blobs").put_many([b"one", b"two"])
    opened = Database(lay_migrated(settings.data_dir / "center.db"), CLOCK)
    await fill(opened, [str(key) for key in keys])
    async with opened.transaction() as session:
        await session.execute(update(AccountRow).values(enabled=False))
    yield opened
    await opened.close()


async def visit(settings: Settings, clock: ManualClock | SystemClock = CLOCK) -> dict[str, Finding]:
    """Examine, and return the worst finding of each kind."""
    worst: dict[str, Finding] = {}
    async for finding in examine(settings, clock):
        before = worst.get(finding.what)
        if before is None or list(Level).index(finding.level) > list(Level).index(before.level):
            worst[finding.what] = finding
    return worst


async def change(database: Database, *statements: Any) -> None:
    async with database.transaction() as session:
        for statement in statements:
            await session.execute(statement)


async def test_what_is_well_is_called_good(settings: Settings, database: Database) -> None:
    clock = ManualClock()
    clock.advance(days=30)

    found = await visit(settings, clock)

    well = {"settings", "data", "key", "aiohttp", "database", "durability", "schema", "clock"}
    assert {what for what in well if found[what].level is not Level.GOOD} == set()
    assert found["files"] == Finding(Level.GOOD, "files", "2 looked for, 2 read: all whole")
    assert found["letters"].level is Level.GOOD


async def test_every_finding_that_is_not_good_has_a_cure(
    settings: Settings, database: Database
) -> None:
    shutil.rmtree(settings.data_dir / "blobs")
    (settings.data_dir / "secret.key").unlink()
    settings.data_dir.chmod(0o755)

    found = await visit(settings)

    ill = [finding for finding in found.values() if finding.level is not Level.GOOD]
    assert {"data", "key", "files", "server"} <= {finding.what for finding in ill}
    assert all(finding.cure for finding in ill)


async def test_missing_and_damaged_files_are_counted(
    settings: Settings, database: Database
) -> None:
    first, second = sorted((settings.data_dir / "blobs").glob("??/*"))
    first.unlink()
    second.write_bytes(b"changed")

    found = await visit(settings)

    assert (found["files"].level, found["files"].detail) == (
        Level.BAD,
        "2 of 2 are missing or damaged",
    )


async def test_dead_letters_and_answers_that_did_not_go_out_are_counted(
    settings: Settings, database: Database
) -> None:
    clock = ManualClock()
    await change(
        database,
        update(DeliveryRow).where(DeliveryRow.attempts <= 3).values(state="dead"),
        update(OutboxRow).values(state="sent", promised_at=clock.now()),
        update(OutboxRow).where(OutboxRow.attempts == 1).values(state="failed"),
        update(OutboxRow).where(OutboxRow.attempts == 2).values(state="uncertain"),
        update(OutboxRow).where(OutboxRow.attempts >= 6).values(state="held"),
        update(OutboxRow)
        .where(OutboxRow.attempts == 5)
        .values(state="waiting", promised_at=clock.now() - timedelta(hours=1)),
    )

    found = await visit(settings, clock)

    assert found["letters"].detail == "3 could not be read and are kept"
    assert found["answers"].detail == (
        "1 failed in the last 7 days; 1 may or may not have been sent; "
        "2 are held back since a restore"
    )
    assert found["sending"].detail == "1 wait for more than 15 minutes"


async def test_an_account_that_does_not_work_is_bad_and_says_why(
    settings: Settings, database: Database
) -> None:
    await change(
        database,
        update(AccountRow)
        .where(AccountRow.version == 1)
        .values(enabled=True, kind="mail", name="support", settings={}, secrets={}),
    )

    found = await visit(settings)

    assert found["mail"].level is Level.BAD
    assert found["mail"].detail.startswith("support: settings: ")


async def test_a_clock_that_went_backwards_is_bad(settings: Settings, database: Database) -> None:
    clock = ManualClock()
    clock.advance(days=-400)

    assert (await visit(settings, clock))["clock"].level is Level.BAD
    assert clock.now() < START


async def test_a_damaged_database_is_bad_and_nothing_in_it_is_believed(
    settings: Settings, database: Database
) -> None:
    await database.close()
    path = settings.data_dir / "center.db"
    data = bytearray(path.read_bytes())
    page = 4096
    for start in range(8 * page, len(data) - page, 3 * page):
        data[start : start + 64] = os.urandom(64)
    path.write_bytes(data)

    found = await visit(settings)

    assert found["database"].level is Level.BAD
    assert "letters" not in found


async def test_a_schema_behind_or_ahead_is_told(settings: Settings, database: Database) -> None:
    await change(database, text("UPDATE alembic_version SET version_num = '9999'"))
    ahead = await visit(settings)
    await change(database, text("DELETE FROM alembic_version"))
    none = await visit(settings)

    assert "newer version" in ahead["schema"].detail
    assert none["schema"].cure == "run: contact-center migrate"
    assert "letters" not in ahead


@pytest.mark.parametrize(
    ("free", "level"),
    [(50, Level.GOOD), (15, Level.GOOD), (14, Level.WARNING), (5, Level.WARNING), (4, Level.BAD)],
)
def test_the_disk_warns_below_fifteen_and_alarms_below_five_percent(
    free: int, level: Level
) -> None:
    usage = type(shutil.disk_usage("/"))(100, 100 - free, free)

    assert disk(Path("var"), usage).level is level


def test_pages_that_were_not_built_are_bad(tmp_path: Path) -> None:
    (tmp_path / "widget").mkdir()
    (tmp_path / "widget" / "widget.js").touch()

    console, widget = built_pages(tmp_path)

    assert (console.level, console.cure) == (Level.BAD, "run: make console")
    assert widget.level is Level.GOOD


def test_a_key_that_others_read_says_how_to_close_it(tmp_path: Path) -> None:
    found = Finding(Level.BAD, "key", "others can read it", "run: chmod 600 key")

    assert str(found) == (
        "bad      key          others can read it\n" + " " * 22 + "-> run: chmod 600 key"
    )


@pytest.mark.slow
async def test_postgresql_that_may_lose_mail_is_bad(postgres: PostgresServer) -> None:
    database = Database(new_migrated(postgres), CLOCK)

    async with database.reader.connect() as connection:
        found = await connection.run_sync(lambda sync: list(examine_store(sync, CLOCK)))
        clock = await connection.run_sync(examine_clock, CLOCK)
    await database.close()

    lost = [finding.detail for finding in found if finding.what == "durability"]
    assert [words.partition(" is off")[0] for words in lost] == [
        "fsync",
        "full_page_writes",
        "synchronous_commit",
    ]
    assert {finding.level for finding in found if finding.what == "durability"} == {Level.BAD}
    assert clock.level is Level.GOOD


@pytest.mark.slow
async def test_a_database_that_is_away_is_one_bad_line(tmp_path: Path) -> None:
    url = Secret("postgresql://desk:hunter2@127.0.0.1:1/desk")

    found = await visit(Settings(data_dir=tmp_path, listen_port=1, database_url=url))

    assert found["database"].level is Level.BAD
    assert found["database"].cure == "see that it is up and that database_url is right"
    assert "hunter2" not in str(found)


def test_every_table_that_names_files_is_looked_at() -> None:
    assert {table.name for table in blob_tables()} == {
        "attachment",
        "call_recording",
        "chat_upload",
        "delivery",
    }
