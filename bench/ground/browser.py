"""A real browser with a signed-in console, and a center with much to show in it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from playwright.async_api import Browser, Page
from sqlalchemy import Table, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bench.ground.centers import database_url
from bench.ground.crowded import Filler
from bench.ground.folders import passing_folder
from bench.ground.served import Served, serving
from kernel.clock import SystemClock
from kernel.database import Database
from kernel.ids import new_id
from tests.chromium import running_chromium
from tickets.tables import MessageRow, TicketRow

LOOK_SECONDS: Final = 0.05
WINDOW: Final = {"width": 1440, "height": 900}
PAINTED: Final = """window.painted = () => new Promise((done) => requestAnimationFrame(() => {
  const line = new MessageChannel()
  line.port1.onmessage = () => done(performance.now())
  line.port2.postMessage(0)
}))"""
"""Resolves to the moment after the next frame was painted."""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with running_chromium() as browser:
        yield browser


@asynccontextmanager
async def console(browser: Browser, server: Served, *scripts: str) -> AsyncIterator[Page]:
    """Open a page of the administrator in a browser that knows nothing yet."""
    context = await browser.new_context(viewport=WINDOW, locale="en-GB")  # type: ignore[arg-type]
    name, _, value = server.cookie.partition("=")
    await context.add_cookies([{"name": name, "value": value, "url": server.origin}])
    for script in (PAINTED, *scripts):
        await context.add_init_script(script)
    page = await context.new_page()
    page.set_default_timeout(120_000)
    yield page
    await context.close()


@asynccontextmanager
async def crowded_center(tickets: int, thread: int = 0) -> AsyncIterator[tuple[Served, UUID]]:
    """Serve a center with this many tickets; the one that is named has a thread of that length."""
    with passing_folder() as folder, database_url(folder) as url:
        async with serving(folder / "var", url) as server:
            me = await server.call("GET", "/api/v1/session")
            database = Database(url, SystemClock())
            await Filler(database, [UUID(me["agent"]["id"])]).fill(tickets)
            async with database.transaction() as session:
                ticket_id = await _lengthen(session, thread)
            await database.close()
            yield server, ticket_id


async def _lengthen(session: AsyncSession, length: int) -> UUID:
    """Repeat the messages of the newest ticket until there are `length`."""
    newest = select(TicketRow.id).order_by(TicketRow.last_activity_at.desc()).limit(1)
    ticket_id = (await session.scalars(newest)).one()
    table = cast("Table", MessageRow.__table__)
    known = await session.execute(select(table).where(table.c.ticket_id == ticket_id))
    patterns: list[dict[str, Any]] = [dict(row) for row in known.mappings()]
    made = [
        _again(patterns[n % 2], patterns[0]["created_at"] + _MINUTE * n)
        for n in range(length - len(patterns))
    ]
    for start in range(0, len(made), _CHUNK):
        await session.execute(insert(table), made[start : start + _CHUNK])
    return ticket_id


def _again(pattern: dict[str, Any], at: datetime) -> dict[str, Any]:
    name = new_id()
    return pattern | {"id": name, "place": name, "created_at": at}


async def until(page: Page, condition: str, seconds: float = 120.0) -> None:
    """Wait until a condition holds in the page; the page's own policy forbids polling by text."""
    for _ in range(int(seconds / LOOK_SECONDS)):
        if await page.evaluate(condition):
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise TimeoutError(condition)


_MINUTE: Final = timedelta(minutes=1)
_CHUNK: Final = 500
