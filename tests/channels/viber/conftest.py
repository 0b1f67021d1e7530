"""One simulated Viber, one bot on it, a desk and a clock that the test moves."""

from collections.abc import AsyncIterator

import pytest

from channels.viber.connector import ViberConnector
from tests.channels.scene import Desk
from tests.channels.viber.scene import made
from tests.clock import ManualClock
from tests.simulators.viber import ViberServer, running_viber


@pytest.fixture
async def server() -> AsyncIterator[ViberServer]:
    async with running_viber() as running:
        yield running


@pytest.fixture
async def bot(
    server: ViberServer, stored: Desk, clock: ManualClock
) -> AsyncIterator[ViberConnector]:
    async with made(server, stored, clock) as connected:
        yield connected
