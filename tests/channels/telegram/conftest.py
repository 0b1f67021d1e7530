"""One simulated Bot API and one bot on it for each test."""

from collections.abc import AsyncIterator

import pytest

from channels.telegram.connector import TelegramConnector
from tests.channels.scene import Desk, surroundings
from tests.channels.telegram.scene import account
from tests.simulators.telegram import TelegramServer, running_telegram


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with running_telegram() as running:
        yield running


@pytest.fixture
async def bot(server: TelegramServer, stored: Desk) -> AsyncIterator[TelegramConnector]:
    async with TelegramConnector(account(server), surroundings(stored)) as connected:
        yield connected
