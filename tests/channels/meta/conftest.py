"""One simulated Graph API, one page on it, a desk and a clock that the test moves."""

from collections.abc import AsyncIterator

import pytest

from channels.meta.connector import MetaConnector
from tests.channels.meta.scene import made
from tests.channels.scene import Desk
from tests.clock import ManualClock
from tests.simulators.meta import MetaServer, running_meta


@pytest.fixture
def kind() -> str:
    return "messenger"


@pytest.fixture
async def server(kind: str) -> AsyncIterator[MetaServer]:
    async with running_meta(kind) as running:
        yield running


@pytest.fixture
async def page(
    server: MetaServer, stored: Desk, clock: ManualClock, kind: str
) -> AsyncIterator[MetaConnector]:
    async with made(server, stored, clock, kind=kind) as connected:
        yield connected
