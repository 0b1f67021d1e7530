"""On a full disk the center refuses before it accepts, goes on reading, and recovers alone."""

import asyncio
import resource
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.desk_api import DeskApi
from tests.faults.ledger import Ledger, judge, read_kept
from tests.faults.people import Desk, Visitor, browser
from tests.faults.server import running_server
from web.house import House

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

MANY = 2_000
"""More messages than fit into the free pages of a young database."""
FULL_BYTES = 4_096
RECOVERS_WITHIN_SECONDS = 30.0


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'center.db'}"


async def set_pages(house: House, pages: int | None) -> None:
    """Let the database grow no further (or as it likes again)."""
    async with house.database.writer.connect() as writer:
        if pages is None:
            pages = 2**31
        await writer.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


async def count_pages(house: House) -> int:
    async with house.database.writer.connect() as writer:
        counted = await writer.exec_driver_sql("PRAGMA page_count")
        return int(counted.scalar_one())


def age_sessions(database: Path) -> None:
    """Nobody was heard of for ten minutes: the next request would note that they are here."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE session SET seen_at = seen_at - 600 * 1000000")


async def test_a_database_that_cannot_grow_refuses_and_reads(desk: DeskApi) -> None:
    house = desk.center.house
    widget = await desk.post("accounts", {"kind": "webchat", "name": "Shop", "settings": _FAST})
    ledger = Ledger()
    async with aiohttp.ClientSession() as http:
        visitor = Visitor(http, str(desk.url / "chat" / widget["public_key"]), 1, ledger)
        async with asyncio.timeout(20):
            await visitor.say("chat-1-1")
        await set_pages(house, await count_pages(house))

        for number in range(2, MANY):
            if visitor.refusals or not await visitor.say_once(f"chat-1-{number}"):
                break

        assert set(visitor.refusals) == {503}
        tickets = await desk.get("tickets")
        assert len(tickets["items"]) == 1
        status, _, _ = await desk.raw("GET", "readyz")
        assert status == 200

        await set_pages(house, None)
        async with asyncio.timeout(RECOVERS_WITHIN_SECONDS):
            await visitor.say(f"chat-1-{number}")

    kept = await _texts(desk, tickets["items"][0]["id"])
    assert kept == ledger.chat_acknowledged


async def test_a_full_disk_under_database_files_and_log(tmp_path: Path) -> None:
    ledger = Ledger()
    async with running_server(tmp_path / "var") as server, browser() as http:
        desk = Desk(http, server.url)
        await desk.set_up(server.setup_token())
        chat = await desk.connect_widget()
        visitors = [Visitor(http, chat, number, ledger) for number in range(4)]
        await asyncio.gather(*(one.say(f"chat-{n}-1") for n, one in enumerate(visitors)))

        age_sessions(tmp_path / "var/center.db")
        # Beyond this size no file of the process can be written: as good as a full disk.
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (FULL_BYTES, resource.RLIM_INFINITY))
        for _ in range(5):
            kept = [await one.say_once(f"chat-{n}-2") for n, one in enumerate(visitors)]
            assert not any(kept)
            status, tickets = await desk.once("GET", "tickets")
            assert (status, len(tickets["items"])) == (200, len(visitors))
        async with http.post(
            f"{desk.url}/api/v1/uploads",
            params={"name": "large.bin"},
            data=bytes(100_000),
            headers={"Origin": desk.url, "Content-Type": "application/octet-stream"},
        ) as answer:
            assert answer.status == 503
        assert {status for one in visitors for status in one.refusals} == {503}

        infinity = resource.RLIM_INFINITY
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (infinity, infinity))
        async with asyncio.timeout(RECOVERS_WITHIN_SECONDS):
            await asyncio.gather(*(one.say(f"chat-{n}-2") for n, one in enumerate(visitors)))
        await server.terminate()

    verdict = judge(ledger, read_kept(tmp_path / "var/center.db"), [], tmp_path / "var/blobs")
    assert verdict.broken() == [], verdict
    with closing(sqlite3.connect(tmp_path / "var/center.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def _texts(desk: DeskApi, ticket_id: str) -> list[str]:
    """Return the words of the whole thread, oldest first."""
    words: list[str] = []
    before: dict[str, Any] = {}
    while True:
        page = await desk.get(f"tickets/{ticket_id}/messages", limit=200, **before)
        words[:0] = [one["text"].split()[3] for one in page["items"]]
        if page["next"] is None:
            return words
        before = {"before": page["next"]}


_FAST = {"messages_per_minute": 1_000_000, "messages_per_minute_per_address": 1_000_000}
