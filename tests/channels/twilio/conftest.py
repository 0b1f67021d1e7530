"""One simulated Twilio and one number at it for each test."""

from collections.abc import AsyncIterator

import pytest

from channels.twilio.connector import TwilioConnector
from tests.channels.twilio.scene import NumberDesk, account, surroundings
from tests.simulators.twilio import TwilioServer, running_twilio


@pytest.fixture
async def server() -> AsyncIterator[TwilioServer]:
    async with running_twilio() as running:
        yield running


@pytest.fixture
def stored() -> NumberDesk:
    return NumberDesk()


@pytest.fixture
async def number(server: TwilioServer, stored: NumberDesk) -> AsyncIterator[TwilioConnector]:
    async with TwilioConnector(account(server), surroundings(stored)) as connected:
        yield connected


@pytest.fixture
async def whatsapp(server: TwilioServer, stored: NumberDesk) -> AsyncIterator[TwilioConnector]:
    async with TwilioConnector(account(server, "whatsapp"), surroundings(stored)) as connected:
        yield connected
