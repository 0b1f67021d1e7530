"""The console's memory over a piece of a shift, with twenty times the events of a busy hour.

An agent keeps a view of 2,000 tickets open and goes from ticket to ticket, while visitors write ten
messages a second (a busy floor of ours has one in two seconds). The heap is read after everything
that can be collected was, once the console is warm and again at the end; the reference is the first
of the two. Two minutes stand for 40 of a shift.
"""

import asyncio
import time
from typing import Final
from uuid import uuid4

import msgspec
from playwright.async_api import CDPSession, Page

from bench.ground import figures
from bench.ground.browser import chromium, console, crowded_center
from bench.ground.figures import Figure
from bench.ground.served import Served, add_widget, visitor_token
from bench.ground.wire import Poster

TICKETS: Final = 2_000
VISITORS: Final = 40
RATE: Final = 10.0
WARM_UP_SECONDS: Final = 30.0
SECONDS: Final = 120.0
LOOK_SECONDS: Final = 2.0
GOAL: Final = 1.2
MB: Final = 2**20
CREATED: Final = 201


async def measure() -> list[Figure]:
    async with (
        crowded_center(TICKETS) as (server, _),
        chromium() as browser,
        console(browser, server) as page,
    ):
        line = await page.context.new_cdp_session(page)
        await page.goto(server.origin + "/inbox/all")
        await page.locator(".rows .ticket").first.wait_for()
        writing = asyncio.create_task(_write(server))
        await _look_around(page, WARM_UP_SECONDS)
        warm = await _held(line)
        opened = await _look_around(page, SECONDS)
        late = await _held(line)
        writing.cancel()
        written = (await asyncio.gather(writing, return_exceptions=True))[0]
    if isinstance(written, Exception):
        raise written
    return [
        Figure(
            name="console_shift_memory",
            value=late["JSHeapUsedSize"] / MB,
            unit="MB",
            n=int(SECONDS * RATE),
            reference=warm["JSHeapUsedSize"] / MB,
            limit=GOAL,
            limits_ratio=True,
            at_most=True,
            details={
                "seconds": SECONDS,
                "tickets_opened": opened,
                "nodes": [warm["Nodes"], late["Nodes"]],
                "listeners": [warm["JSEventListeners"], late["JSEventListeners"]],
            },
        )
    ]


async def _write(server: Served) -> None:
    """Let each visitor in turn write, RATE messages a second, until cancelled."""
    key = await add_widget(server)
    tokens = [await visitor_token(server, key) for _ in range(VISITORS)]
    posters = [await Poster.connect(server.port) for _ in range(VISITORS)]
    started, number = time.monotonic(), 0
    while True:
        poster, token = posters[number % VISITORS], tokens[number % VISITORS]
        body = msgspec.json.encode({"id": str(uuid4()), "text": f"Where is parcel {number}?"})
        headers = f"Authorization: Visitor {token}\r\n"
        status = await poster.post(f"/chat/{key}/messages", headers, body)
        if status != CREATED:
            raise RuntimeError(f"a visitor was answered {status}")
        number += 1
        await asyncio.sleep(max(0.0, started + number / RATE - time.monotonic()))


async def _look_around(page: Page, seconds: float) -> int:
    """Open one ticket after another of those in sight; return how many."""
    ends, opened = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        rows = page.locator(".rows .ticket")
        await rows.nth(opened % 6).click()
        # No handle of an element is kept: it would keep the whole page it was on.
        await page.locator("article.message").first.wait_for()
        opened += 1
        await asyncio.sleep(LOOK_SECONDS)
    return opened


async def _held(line: CDPSession) -> dict[str, float]:
    await line.send("HeapProfiler.enable")
    for _ in range(3):
        await line.send("HeapProfiler.collectGarbage")
    await line.send("Performance.enable")
    answer = await line.send("Performance.getMetrics")
    return {one["name"]: one["value"] for one in answer["metrics"]}


if __name__ == "__main__":
    figures.run(measure)
