"""One simulated Cloud API, one number on it, a desk and a clock that the test moves."""

from collections.abc import AsyncIterator

import pytest

from channels.whatsapp.connector import WhatsAppConnector
from tests.channels.scene import Desk
from tests.channels.whatsapp.scene import made
from tests.clock import ManualClock
from tests.simulators.whatsapp import WhatsAppServer, running_whatsapp


@pytest.fixture
async def server() -> AsyncIterator[WhatsAppServer]:
    async with running_whatsapp() as running:
        yield running


@pytest.fixture
async def number(
    server: WhatsAppServer, stored: Desk, clock: ManualClock
) -> AsyncIterator[WhatsAppConnector]:
    async with made(server, stored, clock) as connected:
        yield connected
