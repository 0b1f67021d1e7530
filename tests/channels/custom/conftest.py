"""One system, one desk and a clock that the test moves."""

from collections.abc import AsyncIterator

import pytest

from channels.custom.connector import CustomConnector
from tests.channels.custom.scene import made
from tests.channels.scene import Desk
from tests.clock import ManualClock
from tests.simulators.custom import CustomServer, running_custom


@pytest.fixture
async def server() -> AsyncIterator[CustomServer]:
    async with running_custom() as running:
        yield running


@pytest.fixture
async def line(
    server: CustomServer, stored: Desk, clock: ManualClock
) -> AsyncIterator[CustomConnector]:
    async with made(server, stored, clock) as connected:
        yield connected
