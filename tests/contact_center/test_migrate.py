"""Migrations make exactly the schema the program means, and a crash leaves no half of one."""

import asyncio
import multiprocessing
import os
import signal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, inspect, text

from contact_center.migrate import (
    newest_revision,
    revisions,
    stored_revision,
    upgrade,
    upgrade_connection,
)
from contact_center.revisions import alembic_config
from contact_center.tables import metadata
from kernel.clock import SystemClock
from kernel.database import Database
from kernel.errors import SettingsError
from kernel.search_index import is_search_internal


def differences(connection: Connection) -> list[object]:
    def ours(_item: object, name: str | None, *_rest: object) -> bool:
        return not is_search_internal(name)

    options = {"include_object": ours, "compare_type": True}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, metadata))


def opened(url: str) -> Database:
    return Database(url, SystemClock())


async def test_migrations_make_exactly_the_tables_of_the_program(database: Database) -> None:
    async with database.writer.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    def everything(connection: Connection) -> list[str]:
        found = inspect(connection)
        return sorted(f"{name} {found.get_columns(name)}" for name in found.get_table_names())

    async with database.writer.connect() as connection:
        before = await connection.run_sync(everything)

    await upgrade(database)

    async with database.writer.connect() as connection:
        assert await connection.run_sync(everything) == before
        assert await connection.run_sync(stored_revision) == newest_revision()


async def test_two_that_start_at_once_migrate_once(empty_database_url: str) -> None:
    first, second = opened(empty_database_url), opened(empty_database_url)

    await asyncio.gather(upgrade(first), upgrade(second))

    async with first.writer.connect() as connection:
        rows = (await connection.execute(text("SELECT version_num FROM alembic_version"))).all()
    await first.close()
    await second.close()
    assert [row[0] for row in rows] == [newest_revision()]


def test_revisions_are_numbered_by_their_files_in_one_line() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())

    in_order = [script.revision for script in reversed(list(scripts.walk_revisions()))]

    assert revisions() == in_order
    assert scripts.get_heads() == [newest_revision()]


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(database: Database) -> None:
    async with database.writer.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(SettingsError, match=r"a newer version .*schema 9999"):
        await upgrade(database)

    async with database.writer.connect() as connection:
        assert await connection.run_sync(stored_revision) == "9999"


def migrate_and_die(url: str, statements: int) -> None:
    """Migrate, and be killed just before the statement of this number is run."""

    async def run() -> None:
        database, left = opened(url), statements

        @event.listens_for(database.writer.sync_engine, "before_cursor_execute")
        def _count(*_call: object) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        await upgrade(database)
        await database.close()

    asyncio.run(run())


@pytest.mark.slow
@pytest.mark.parametrize("statements", [1, 5, 60, 1_000_000])
async def test_a_migration_that_is_killed_leaves_a_usable_database(
    empty_database_url: str, statements: int
) -> None:
    child = multiprocessing.get_context("spawn").Process(
        target=migrate_and_die, args=(empty_database_url, statements)
    )
    child.start()
    await asyncio.to_thread(child.join, 50)
    killed = child.exitcode == -signal.SIGKILL
    database = opened(empty_database_url)

    async with database.writer.connect() as connection:
        half = await connection.run_sync(stored_revision)
    await upgrade(database)

    async with database.writer.connect() as connection:
        whole = await connection.run_sync(differences)
    await database.close()
    assert killed == (statements < 1_000_000)
    assert half == (None if killed else newest_revision())
    assert whole == []


def test_a_migration_that_fails_takes_everything_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> list[str]:
        database = opened(f"sqlite+aiosqlite:///{tmp_path / 'center.db'}")

        def break_off(connection: Connection, revision: str) -> None:
            upgrade_connection(connection, revision)
            connection.exec_driver_sql("THIS IS NOT SQL")

        monkeypatch.setattr("contact_center.migrate.upgrade_connection", break_off)
        with pytest.raises(Exception, match="syntax error"):
            await upgrade(database)
        async with database.writer.connect() as connection:
            left = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        await database.close()
        return left

    assert asyncio.run(run()) == []
