"""What the tests of the mail channel share: servers, guests and accounts that point at them."""

from collections.abc import AsyncIterator

import pytest

from kernel.guests import Guests
from tests.simulators.mail_servers import Dovecot, SmtpServer, running_dovecot, running_smtp


@pytest.fixture
async def dovecot() -> AsyncIterator[Dovecot]:
    async with running_dovecot() as server:
        yield server


@pytest.fixture
async def smtp(dovecot: Dovecot) -> AsyncIterator[SmtpServer]:
    async with running_smtp(deliver=dovecot.drop) as server:
        yield server


@pytest.fixture
async def guests() -> AsyncIterator[Guests]:
    async with Guests("channels.mail.guest") as pool:
        yield pool
