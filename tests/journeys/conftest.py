"""What journeys share: mail servers, and a real browser that reports what it did not like."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from tests.chromium import PATIENCE_MS, running_chromium
from tests.simulators.mail_servers import Dovecot, SmtpServer, running_dovecot, running_smtp


@pytest.fixture
async def dovecot() -> AsyncIterator[Dovecot]:
    async with running_dovecot() as server:
        yield server


@pytest.fixture
async def smtp(dovecot: Dovecot) -> AsyncIterator[SmtpServer]:
    """What we send to a client lands in their own mailbox."""

    def deliver(recipient: str, mail: bytes) -> None:
        dovecot.drop(recipient.split("@", maxsplit=1)[0].split("+", maxsplit=1)[0], mail)

    async with running_smtp(deliver=deliver) as server:
        yield server


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with running_chromium() as browser:
        yield browser


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """A page that fails its test when a script broke or the content policy was violated."""
    context = await chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    opened = await context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "console",
        lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None,
    )
    yield opened
    await context.close()
    assert faults == []
