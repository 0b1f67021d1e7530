"""Dead at any moment of the way in and out of WhatsApp, the center loses and doubles nothing."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from tests.channels.whatsapp.scene import secrets_of, settings_of
from tests.faults.people import Desk, browser
from tests.faults.server import running_server
from tests.faults.waiting import until_asked
from tests.simulators.whatsapp import LOOK, WhatsAppServer, running_whatsapp

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SECONDS = 90.0
WAY_IN = (
    "intake.before_commit",
    "intake.after_commit_before_ack",
)


@pytest.fixture
async def whatsapp() -> AsyncIterator[WhatsAppServer]:
    async with running_whatsapp() as server:
        yield server


async def test_a_number_loses_and_doubles_nothing_though_the_center_dies(
    tmp_path: Path, whatsapp: WhatsAppServer
) -> None:
    async with running_server(tmp_path / "var") as server, browser() as http:
        desk = Desk(http, server.url)
        await desk.set_up(server.setup_token())
        number = {
            "kind": "whatsapp_cloud",
            "name": "Shop",
            "settings": settings_of(whatsapp),
            "secrets": secrets_of(),
        }
        await desk.surely("POST", "accounts", number)
        await whatsapp.until_asked(LOOK)

        async def is_called() -> bool:
            return bool(whatsapp.hook)

        await until_asked(is_called, SECONDS)
        calls = {}
        for point in WAY_IN:
            await server.kill()
            await server.start(crash_at=f"{point}:1")
            calls[point] = whatsapp.text(point)
            assert not await _told(whatsapp, calls[point]), point
            assert await server.died(within=SECONDS), point
        await server.start()
        # Meta calls again for days until it hears 200.
        for call in calls.values():
            assert await _told(whatsapp, call)
        heard = [one["text"] for one in await _thread(desk) if one["kind"] == "inbound"]

        await server.kill()
        await server.start(crash_at="courier.after_sending_before_settling:1")
        (ticket,) = (await desk.surely("GET", "tickets"))["items"]
        answer = {"id": str(uuid4()), "kind": "reply", "html": "<p>Once</p>"}
        await desk.surely("POST", f"tickets/{ticket['id']}/messages", answer)
        assert await server.died(within=SECONDS)
        await server.start()
        # What became of it names our own id: there is no doubt, and nobody sends it again.
        (sent,) = whatsapp.sent
        assert await whatsapp.tell(sent, "delivered") == 200
        state = await _state(desk, answer["id"])
        crashes = server.crashes()

    assert sorted(heard) == sorted(WAY_IN)
    assert [one["text"]["body"] for one in whatsapp.sent] == ["Once"]
    assert (state, crashes) == ("delivered", [])


async def _told(whatsapp: WhatsAppServer, message: dict[str, Any]) -> bool:
    """A client writes and Meta calls; return whether it heard that all is well."""
    try:
        return await whatsapp.push(message) == 200
    except aiohttp.ClientError:
        return False


async def _state(desk: Desk, message_id: str) -> str:
    found = {one["id"]: str(one["state"]) for one in await _thread(desk)}
    return found.get(message_id, "")


async def _thread(desk: Desk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for ticket in (await desk.surely("GET", "tickets"))["items"]:
        found += (await desk.surely("GET", f"tickets/{ticket['id']}/messages"))["items"]
    return found
