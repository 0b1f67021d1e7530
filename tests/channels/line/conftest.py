"""One simulated LINE, one account on it, a desk and a clock that the test moves."""

from collections.abc import AsyncIterator

import pytest

from channels.line.connector import LineConnector
from tests.channels.line.scene import made
from tests.channels.scene import Desk
from tests.clock import ManualClock
from tests.simulators.line import LineServer, running_line


@pytest.fixture
async def server() -> AsyncIterator[LineServer]:
    async with running_line() as running:
        yield running


@pytest.fixture
async def bot(server: LineServer, stored: Desk, clock: ManualClock) -> AsyncIterator[LineConnector]:
    async with made(server, stored, clock) as connected:
        yield connected
