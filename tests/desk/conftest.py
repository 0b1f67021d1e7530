"""A desk on both databases (PostgreSQL in the slow part), its clock in the test's hand."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.database import Database
from tests.clock import ManualClock
from tests.desk.scene import Desk, open_desk


@pytest.fixture
async def office(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(database, clock, tmp_path) as opened:
        yield opened
