"""A desk on both databases (PostgreSQL in the slow part), its clock in the test's hand."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contact_center.migrate import upgrade
from kernel.database import Database
from tests.clock import ManualClock
from tests.desk.scene import Desk, open_desk


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with every table, migrated once and copied for each test."""
    file = tmp_path_factory.mktemp("migrated") / "center.db"

    async def migrate() -> None:
        database = Database(f"sqlite+aiosqlite:///{file}", ManualClock())
        await upgrade(database)
        await database.close()

    asyncio.run(migrate())
    return file


@pytest.fixture
async def database(
    database_url: str, clock: ManualClock, migrated_file: Path
) -> AsyncIterator[Database]:
    opened = Database(database_url, clock)
    if opened.dialect == "sqlite":
        shutil.copy(migrated_file, str(opened.url.database))
    else:
        await upgrade(opened)
    yield opened
    await opened.close()


@pytest.fixture
async def office(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(database, clock, tmp_path) as opened:
        yield opened
