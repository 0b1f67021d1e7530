"""A console that never reads is cut off; it costs nobody else anything, and it may come back."""

import asyncio
import json
import re
import statistics
import time
from functools import partial
from pathlib import Path
from socket import SO_RCVBUF, SO_SNDBUF, SOL_SOCKET

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType

from channels.events import DeadLetterKept
from kernel.ids import new_id
from kernel.journal import record
from kernel.limits import (
    LIVE_QUEUE_EVENTS,
    LIVE_REPLAY_EVENTS,
    LIVE_SEND_SECONDS,
    MIB,
    SOCKET_GOODBYE_SECONDS,
)
from tests.desk_api import DeskApi
from tests.faults.consoles import SECONDS, Console, deaf_console, watching
from tests.faults.ledger import Ledger
from tests.faults.people import Budget, Desk, Visitor, browser
from tests.faults.server import running_server
from tests.faults.waiting import until, until_asked
from web.live import RESYNC, Seat

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

VISITORS = 8
_CONSOLES = re.compile(r"^contact_center_consoles (\d+)", re.MULTILINE)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """The live socket does not depend on the database: one of them is enough."""
    return f"sqlite+aiosqlite:///{tmp_path / 'center.db'}"


class Flood:
    """Visitors who write as fast as they are answered, and how soon a console shows it."""

    def __init__(self, desk: Desk, chat: str) -> None:
        self._desk = desk
        self._chat = chat
        self._number = 0

    async def pour(self, messages: int, console: Console) -> float:
        """Return the delay in seconds, from sending to the screen, that 95 of 100 stay below."""
        sent_at: dict[str, float] = {}

        class Timed(Visitor):
            async def say(self, word: str) -> None:
                sent_at[word] = time.monotonic()
                await super().say(word)

        budget = Budget()
        await budget.grow(messages)
        numbers = range(self._number, self._number + VISITORS)
        self._number += VISITORS
        async with browser() as http:
            await asyncio.gather(
                *(
                    Timed(http, self._chat, number, Ledger()).talk(messages // VISITORS, budget)
                    for number in numbers
                )
            )
        await console.until_seen(set(sent_at))
        delays = [console.seen_at[word] - sent_at[word] for word in sent_at]
        return statistics.quantiles(delays, n=20)[-1]


async def test_a_console_that_never_reads_is_cut_and_nobody_waits_for_it(tmp_path: Path) -> None:
    async with running_server(tmp_path / "var") as server, browser() as http:
        desk = Desk(http, server.url)
        await desk.set_up(server.setup_token())
        flood = Flood(desk, await desk.connect_widget())
        petro = await desk.hire("Petro")

        async def consoles() -> int:
            async with http.get(f"{server.url}/metrics") as answer:
                found = _CONSOLES.search(await answer.text())
            assert found is not None
            return int(found[1])

        async def is_cut() -> bool:
            return await consoles() == 1

        async with petro.http, watching(desk) as console:
            alone = await flood.pour(40 * VISITORS, console)
            before = server.resident_bytes()
            async with deaf_console(petro, server.port) as deaf:
                assert await consoles() == 2
                began = time.monotonic()
                beside = await flood.pour(100 * VISITORS, console)
                await until_asked(is_cut, LIVE_SEND_SECONDS + SOCKET_GOODBYE_SECONDS + 5)
                cut_after = time.monotonic() - began
                grown = server.resident_bytes() - before
                await deaf.until_cut()

        seqs = console.seqs
        print(json.dumps({"alone": alone, "beside": beside, "cut": cut_after, "grown": grown}))
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
        assert beside < alone * 3 + 0.25
        assert grown < 48 * MIB


async def test_a_console_that_comes_back_gets_every_entry_once(tmp_path: Path) -> None:
    async with running_server(tmp_path / "var") as server, browser() as http:
        desk = Desk(http, server.url)
        await desk.set_up(server.setup_token())
        flood = Flood(desk, await desk.connect_widget())
        seen = 0
        async with watching(desk) as whole:
            for _ in range(5):
                async with watching(desk) as first:
                    await flood.pour(2 * VISITORS, first)
                seen = first.seqs[-1]
                await flood.pour(2 * VISITORS, whole)
                async with watching(desk, since=seen) as second:
                    await until(partial(_has_seen, second, whole.seqs[-1]), SECONDS)
                assert second.seqs == list(range(seen + 1, seen + 1 + len(second.seqs)))
                assert [one["type"] for one in second.frames].count("resync") == 0
        await server.kill()
        await server.start()
        async with watching(desk, since=seen) as late:
            await late.until_told("resync")

    # What happens from now on, such as a channel that is connected again, is told as ever.
    assert [seq for seq in late.seqs if seq <= whole.seqs[-1]] == []


def _has_seen(console: Console, seq: int) -> bool:
    return console.seqs[-1:] >= [seq]


def narrow(socket: ClientWebSocketResponse, seat: Seat) -> None:
    """Let little lie between the two: what the system holds was said, and nobody waits for it."""
    assert seat.wire is not None
    ends = socket.get_extra_info("socket"), seat.wire._transport.get_extra_info("socket")
    for end, buffer in zip(ends, (SO_RCVBUF, SO_SNDBUF), strict=True):
        end.setsockopt(SOL_SOCKET, buffer, 4_096)


async def test_a_console_that_falls_behind_is_asked_to_come_back(desk: DeskApi) -> None:
    house = desk.center.house

    async def many(entries: int) -> None:
        async with house.database.transaction() as session:
            for _ in range(entries):
                record(session, DeadLetterKept(delivery_id=new_id(), account_id=new_id()))

    async with desk.live() as live:
        seen = live.seq
        (seat,) = house.hub._seats
        narrow(live.socket, seat)
        async with asyncio.timeout(SECONDS):
            while not seat.ended:
                await many(LIVE_QUEUE_EVENTS + 1)
        told = []
        while (message := await live.socket.receive(timeout=5)).type is WSMsgType.TEXT:
            told.append(message.json()["seq"])
        assert (message.type, live.socket.close_code) == (WSMsgType.CLOSE, RESYNC)
        assert told == list(range(seen + 1, seen + 1 + len(told)))
    async with desk.live(since=seen) as live:
        assert (await live.frame())["type"] == "resync"

    seen = house.hub.seq
    await many(LIVE_QUEUE_EVENTS - 12)
    async with desk.live(since=seen) as live:
        told = [(await live.frame())["seq"] for _ in range(LIVE_QUEUE_EVENTS - 12)]
    assert told == list(range(seen + 1, seen + LIVE_QUEUE_EVENTS - 11))

    await many(LIVE_REPLAY_EVENTS)
    async with desk.live(since=seen) as live:
        assert (await live.frame())["type"] == "resync"
