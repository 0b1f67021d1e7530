"""While the database is away the center refuses and says so; when it is back, all goes on alone."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.faults.ledger import WORD, Ledger
from tests.faults.people import Budget, Desk, Postman, Visitor, browser
from tests.faults.server import ServerProcess, running_server
from tests.faults.waiting import until, until_asked
from tests.postgres import PostgresServer, running_postgres
from tests.simulators.mail_servers import running_dovecot, running_smtp

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

AWAY_SECONDS = 60.0
REFUSED_WITHIN_SECONDS = 3.0
BACK_WITHIN_SECONDS = 30.0
"""It is ready in one or two seconds; a mailbox that failed for another reason at the same moment,
on a machine that runs other faults beside this one, waits for its own next try."""
VISITORS = 16
MESSAGES = 60


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """A server of our own: others must not lose theirs."""
    with running_postgres() as server:
        yield server


def durable_database(postgres: PostgresServer) -> str:
    """Return a database whose commits outlive the server, as an operator's do."""
    url = postgres.new_database()
    name = urlsplit(url).path.lstrip("/")
    postgres.console.run(f'ALTER DATABASE "{name}" SET synchronous_commit = on')
    return url


class Watch:
    """Asks the center how it is and what it has, and notes how long each answer took."""

    def __init__(self, http: aiohttp.ClientSession, server: ServerProcess) -> None:
        self._http = http
        self._server = server
        self.slowest = 0.0
        self.readiness: Any = None
        """What it last said of being ready."""

    async def ask(self, path: str, method: str = "GET") -> tuple[int, Any]:
        began = time.monotonic()
        async with self._http.request(
            method, f"{self._server.url}/{path}", headers={"Origin": self._server.url}
        ) as answer:
            given = await answer.json(content_type=None)
        self.slowest = max(self.slowest, time.monotonic() - began)
        return answer.status, given

    async def is_ready(self) -> bool:
        status, self.readiness = await self.ask("readyz")
        return status == 200 and bool(self.readiness["status"] == "ready")

    async def until_ready(self) -> float:
        """Return how many seconds that took."""
        began = time.monotonic()
        try:
            await until_asked(self.is_ready, BACK_WITHIN_SECONDS)
        except TimeoutError:
            raise AssertionError(f"not back in time: {self.readiness}") from None
        return time.monotonic() - began

    async def during_the_outage(self) -> None:
        """Alive, not ready, refusing; again and again until it is over."""
        ends = time.monotonic() + AWAY_SECONDS
        while time.monotonic() < ends:
            assert await self.ask("healthz") == (200, {"status": "ok"})
            status, answer = await self.ask("readyz")
            assert (status, answer["status"]) == (503, "unavailable")
            status, answer = await self.ask("api/v1/work")
            assert (status, answer["error"]) == (503, "overloaded")
            await asyncio.sleep(0.2)


async def stored_words(url: str) -> list[str]:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            rows = await connection.execute(
                text("SELECT text FROM message WHERE kind = 'inbound' ORDER BY id")
            )
            texts = list(rows.scalars())
    finally:
        await engine.dispose()
    return [found[0] if (found := WORD.search(one)) else one for one in texts]


async def test_a_database_that_goes_away_costs_no_message(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    url = durable_database(postgres)
    ledger, budget = Ledger(), Budget()
    async with (
        running_dovecot() as dovecot,
        running_smtp() as smtp,
        running_server(
            tmp_path / "var",
            environment={
                "CONTACT_CENTER_DATABASE_URL": url,
                "CONTACT_CENTER_DATABASE_ALLOW_UNSAFE_COMMITS": "true",
            },
        ) as server,
        browser() as desk_http,
        browser() as shop_http,
    ):
        desk, watch = Desk(desk_http, server.url), Watch(desk_http, server)
        await desk.set_up(server.setup_token())
        await desk.connect_mailbox(dovecot, smtp)
        chat = await desk.connect_widget()
        postman = Postman(dovecot, ledger, people=20, seed=1)
        visitors = [Visitor(shop_http, chat, one, ledger) for one in range(VISITORS)]
        talking = asyncio.gather(*(one.talk(MESSAGES, budget) for one in visitors))
        await budget.grow(VISITORS * MESSAGES)
        postman.bring(40)
        await until(lambda: len(ledger.chat_acknowledged) > VISITORS * 5, 30)

        postgres.stop()
        watch.slowest = 0.0
        postman.bring(40)
        await watch.during_the_outage()
        slowest = watch.slowest
        postgres.start()
        began = time.monotonic()
        ready_after = await watch.until_ready()
        async with asyncio.timeout(60):
            await talking

        async def all_there() -> bool:
            return len(await stored_words(url)) >= len(ledger.chat_sent) + len(ledger.mails)

        await until_asked(all_there, 30)
        complete_after = time.monotonic() - began
        words = await stored_words(url)
        crashes = server.crashes()

    refusals = [status for visitor in visitors for status in visitor.refusals]
    figures = {
        "away": AWAY_SECONDS,
        "slowest_refusal": round(slowest, 2),
        "refused": len(refusals),
        "ready_after": round(ready_after, 1),
        "complete_after": round(complete_after, 1),
    }
    print(json.dumps(figures))
    (tmp_path / "figures.json").write_text(json.dumps(figures))
    assert sorted(words) == sorted([*ledger.chat_acknowledged, *ledger.mails])
    assert slowest < REFUSED_WITHIN_SECONDS
    assert refusals
    assert set(refusals) == {503}
    assert crashes == []
