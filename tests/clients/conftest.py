"""A database of their own for each test of this room."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contact_center.tables import metadata
from kernel.database import Database
from tests.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def database(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'center.db'}", clock)
    async with database.writer.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield database
    await database.close()
