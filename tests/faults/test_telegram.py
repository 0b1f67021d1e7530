"""Dead at any moment of a bot's way in and out, the center loses nothing and says nothing twice."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.faults.crash_points import TELEGRAM
from tests.faults.people import Desk, browser
from tests.faults.server import running_server
from tests.faults.waiting import until_asked
from tests.simulators.telegram import TOKEN, TelegramServer, running_telegram

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SECONDS = 60.0
WAY_IN = (
    "intake.after_reading_before_files",
    "intake.before_commit",
    "intake.after_commit_before_ack",
    *TELEGRAM,
)


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with running_telegram() as server:
        yield server


async def test_a_bot_loses_and_doubles_nothing_though_the_center_dies(
    tmp_path: Path, telegram: TelegramServer
) -> None:
    async with running_server(tmp_path / "var") as server, browser() as http:
        desk = Desk(http, server.url)
        await desk.set_up(server.setup_token())
        settings = {"api_url": telegram.url}
        bot = {"kind": "telegram", "name": "Shop", "settings": settings}
        await desk.surely("POST", "accounts", {**bot, "secrets": {"bot_token": TOKEN}})

        for point in WAY_IN:
            await server.kill()
            # It may die of the one before, which comes again: that is the same to us.
            await server.start(crash_at=f"{point}:1", patiently=False)
            await telegram.write(point)
            assert await server.died(within=SECONDS), point
        await server.start()
        last = await telegram.write("the last")
        await telegram.until_confirmed(last["update_id"])
        (ticket,) = (await desk.surely("GET", "tickets"))["items"]
        messages = f"tickets/{ticket['id']}/messages"
        heard = [one["text"] for one in (await desk.surely("GET", messages))["items"]]

        await server.kill()
        await server.start(crash_at="courier.after_sending_before_settling:1")
        answer = {"id": str(uuid4()), "kind": "reply", "html": "<p>Once</p>"}
        await desk.surely("POST", messages, answer)
        assert await server.died(within=SECONDS)
        await server.start()

        async def is_in_doubt() -> bool:
            return await _state(desk, messages, answer["id"]) == "uncertain"

        await until_asked(is_in_doubt, SECONDS)
        crashes = server.crashes()

    assert heard == [*WAY_IN, "the last"]
    assert [one.text for one in telegram.sent] == ["Once"]
    assert crashes == []


async def _state(desk: Desk, messages: str, message_id: str) -> str:
    page: dict[str, Any] = await desk.surely("GET", messages)
    return next(str(one["state"]) for one in page["items"] if one["id"] == message_id)
