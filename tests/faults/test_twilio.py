"""Dead at any moment of the way in and out of an SMS, the center loses and doubles nothing."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from tests.faults.people import Desk, browser
from tests.faults.server import running_server
from tests.faults.waiting import until_asked
from tests.simulators.twilio import TwilioServer, running_twilio
from tests.simulators.twilio_gate import ACCOUNT, NUMBER, TOKEN

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SECONDS = 90.0
WAY_IN = (
    "intake.before_commit",
    "intake.after_commit_before_ack",
)


@pytest.fixture
async def twilio() -> AsyncIterator[TwilioServer]:
    async with running_twilio() as server:
        # What was written minutes ago is no longer left to a webhook that may still come.
        server.now = lambda: datetime.now(UTC) - timedelta(minutes=3)
        yield server


async def test_a_number_loses_and_doubles_nothing_though_the_center_dies(
    tmp_path: Path, twilio: TwilioServer
) -> None:
    async with running_server(tmp_path / "var") as server, browser() as http:
        desk = Desk(http, server.url)
        await desk.set_up(server.setup_token())
        settings = {"account_sid": ACCOUNT, "number": NUMBER, "api_url": twilio.url}
        number = {"kind": "sms", "name": "Shop", "settings": settings}
        await desk.surely("POST", "accounts", {**number, "secrets": {"auth_token": TOKEN}})
        await twilio.until_asked("list sent")

        for point in WAY_IN:
            await server.kill()
            # It may die of the one before, which is listed again: that is the same to us.
            await server.start(crash_at=f"{point}:1", patiently=False)
            await _tell(twilio, point)
            assert await server.died(within=SECONDS), point
        await server.start()

        async def are_heard() -> bool:
            return len(await _heard(desk)) == len(WAY_IN)

        await until_asked(are_heard, SECONDS)
        heard = await _heard(desk)

        await server.kill()
        await server.start(crash_at="courier.after_sending_before_settling:1")
        (ticket,) = (await desk.surely("GET", "tickets"))["items"]
        answer = {"id": str(uuid4()), "kind": "reply", "html": "<p>Once</p>"}
        await desk.surely("POST", f"tickets/{ticket['id']}/messages", answer)
        assert await server.died(within=SECONDS)
        await server.start()

        async def is_known_to_be_sent() -> bool:
            thread = await _thread(desk)
            return any((one["id"], one["state"]) == (answer["id"], "sent") for one in thread)

        await until_asked(is_known_to_be_sent, SECONDS)
        crashes = server.crashes()

    assert sorted(heard) == sorted(WAY_IN)
    assert [one.body for one in twilio.sent] == ["Once"]
    assert crashes == []


async def _tell(twilio: TwilioServer, words: str) -> None:
    """A client writes and Twilio calls once; whether anybody answers is not its affair."""
    written = twilio.wrote(words)
    try:
        await twilio.call(twilio.form_of(written))
    except aiohttp.ClientError:
        return


async def _thread(desk: Desk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for ticket in (await desk.surely("GET", "tickets"))["items"]:
        found += (await desk.surely("GET", f"tickets/{ticket['id']}/messages"))["items"]
    return found


async def _heard(desk: Desk) -> list[str]:
    return [one["text"] for one in await _thread(desk) if one["kind"] == "inbound"]
