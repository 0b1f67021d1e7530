"""Dead at the very moment that something waited for, the center does it once when it is back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.faults.ledger import Ledger
from tests.faults.people import Desk, Visitor, browser
from tests.faults.server import ServerProcess, running_server
from tests.faults.waiting import until_asked

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

SECONDS = 40.0
SOON = timedelta(seconds=3)


@asynccontextmanager
async def mortal(
    folder: Path, crash_point: str
) -> AsyncIterator[tuple[ServerProcess, Desk, Visitor]]:
    """A center that dies when it passes this point, its administrator and a visitor."""
    async with (
        running_server(folder / "var") as server,
        browser() as desk_http,
        browser() as shop_http,
    ):
        desk = Desk(desk_http, server.url)
        await desk.set_up(server.setup_token())
        chat = await desk.connect_widget()
        await server.terminate()
        await server.start(crash_at=f"{crash_point}:1")
        yield server, desk, Visitor(shop_http, chat, 1, Ledger())


@asynccontextmanager
async def accepted(
    folder: Path, crash_point: str
) -> AsyncIterator[tuple[ServerProcess, Desk, dict[str, Any]]]:
    """An agent with a visitor's contact, in a center that dies when it passes this point."""
    async with mortal(folder, crash_point) as (server, desk, visitor):
        await visitor.say("first")
        found: list[dict[str, Any]] = []

        async def rings() -> bool:
            found[:] = (await desk.surely("GET", "work"))["offers"]
            return bool(found)

        await until_asked(rings, SECONDS)
        yield server, desk, await desk.surely("POST", f"offers/{found[0]['id']}/accept")


def in_a_moment() -> str:
    return (datetime.now(UTC) + SOON).isoformat()


async def test_an_answer_for_later_leaves_once_though_the_center_died_releasing_it(
    tmp_path: Path,
) -> None:
    async with accepted(tmp_path, "later.before_commit") as (server, desk, contact):
        answer = {"id": str(uuid4()), "kind": "reply", "html": "<p>Later</p>"}
        messages = f"tickets/{contact['ticket_id']}/messages"
        await desk.surely("POST", messages, {**answer, "send_at": in_a_moment()})
        assert await server.died(within=SECONDS)
        await server.start()

        async def states() -> list[str]:
            page = await desk.surely("GET", messages)
            return [one["state"] for one in page["items"] if one["id"] == answer["id"]]

        async def has_left() -> bool:
            return await states() in (["sent"], ["delivered"])

        await until_asked(has_left, SECONDS)
        assert server.crashes() == []


async def test_a_ticket_put_aside_wakes_though_the_center_died_waking_it(tmp_path: Path) -> None:
    async with accepted(tmp_path, "waker.before_commit") as (server, desk, contact):
        ticket = f"tickets/{contact['ticket_id']}"
        rule = {"until": in_a_moment(), "on_reply": False}
        aside = await desk.surely("PUT", f"{ticket}/snooze", rule)
        assert await server.died(within=SECONDS)
        await server.start()

        async def is_awake() -> bool:
            return (await desk.surely("GET", ticket))["ticket"]["snooze"] is None

        await until_asked(is_awake, SECONDS)
        assert aside["snooze"] is not None
        assert server.crashes() == []


async def test_an_alert_is_raised_once_though_the_center_died_raising_it(tmp_path: Path) -> None:
    async with mortal(tmp_path, "watch.before_commit") as (server, desk, visitor):
        (queue,) = await desk.surely("GET", "queues")
        limit = {"queue_id": queue["id"], "kind": "longest_wait", "most": 1}
        await desk.surely("POST", "thresholds", limit)
        await visitor.say("first")
        assert await server.died(within=SECONDS)
        await server.start()

        async def is_raised() -> bool:
            return bool(await desk.surely("GET", "alerts/open"))

        await until_asked(is_raised, SECONDS)
        raised = (await desk.surely("GET", "alerts"))["items"]
        assert [one["kind"] for one in raised] == ["longest_wait"]
        assert server.crashes() == []
