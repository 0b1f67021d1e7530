"""Whoever gives out contacts may die or freeze at any moment: none is lost, doubled or moved."""

import asyncio
import os
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.faults.ledger import Ledger
from tests.faults.people import Desk, Visitor, browser
from tests.faults.server import ServerProcess, running_server
from tests.faults.waiting import until_asked

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

RINGS_WITHIN_SECONDS = 20.0
TAKEN_OVER_WITHIN_SECONDS = 40.0


async def ringing(desk: Desk, *, but: str = "") -> dict[str, Any]:
    """Wait for an offer to ring at the agent, another than `but`."""
    found: list[dict[str, Any]] = []

    async def look() -> bool:
        work = await desk.surely("GET", "work")
        found[:] = [offer for offer in work["offers"] if offer["id"] != but]
        return bool(found)

    await until_asked(look, TAKEN_OVER_WITHIN_SECONDS if but else RINGS_WITHIN_SECONDS)
    return found[0]


def rows(data_dir: Path, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(data_dir / "center.db", timeout=10)) as database:
        return list(database.execute(question))


async def test_an_offer_that_rang_when_the_center_died_rings_anew_for_the_same_contact(
    tmp_path: Path,
) -> None:
    async with (
        running_server(tmp_path / "var") as server,
        browser() as desk_http,
        browser() as shop_http,
    ):
        desk = Desk(desk_http, server.url)
        await desk.set_up(server.setup_token())
        chat = await desk.connect_widget()
        await Visitor(shop_http, chat, 1, Ledger()).say("first")
        before = await ringing(desk)
        await server.kill()
        await server.start()

        after = await ringing(desk, but=before["id"])
        status, _ = await desk.once("POST", f"offers/{before['id']}/accept")
        await desk.surely("POST", f"offers/{after['id']}/accept")

    assert status == 409
    assert after["contact"]["id"] == before["contact"]["id"]
    assert after["contact"]["virtual_arrival"] == before["contact"]["virtual_arrival"]
    states = rows(tmp_path / "var", "SELECT state FROM offer ORDER BY made_at")
    assert states == [("withdrawn",), ("accepted",)]
    assert rows(tmp_path / "var", "SELECT state FROM contact") == [("active",)]


def second_node(first: Path, folder: Path) -> Path:
    """Give another node of the same center its own folder."""
    folder.mkdir(mode=0o700)
    shutil.copy(first / "secret.key", folder / "secret.key")
    return folder


def freeze(server: ServerProcess, data_dir: Path) -> None:
    """Stop the process between two of its transactions."""
    for _ in range(100):
        os.killpg(server.pid, signal.SIGSTOP)
        with closing(sqlite3.connect(data_dir / "center.db", timeout=0.2)) as database:
            try:
                database.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                os.killpg(server.pid, signal.SIGCONT)
                continue
            database.rollback()
            return
    raise AssertionError("it never let go of the database")


async def test_a_node_that_was_frozen_past_its_lease_stores_nothing_when_it_goes_on(
    tmp_path: Path,
) -> None:
    one = tmp_path / "one"
    shared = {"CONTACT_CENTER_DATABASE_URL": f"sqlite+aiosqlite:///{one / 'center.db'}"}
    async with (
        running_server(one) as first,
        browser() as desk_http,
        browser() as shop_http,
    ):
        desk = Desk(desk_http, first.url)
        await desk.set_up(first.setup_token())
        chat = await desk.connect_widget()
        two = second_node(one, tmp_path / "two")
        async with running_server(two, environment=shared) as second:
            other = Desk(desk_http, second.url)
            await Visitor(shop_http, chat, 1, Ledger()).say("first")
            before = await ringing(desk)
            freeze(first, one)
            late = asyncio.create_task(desk.once("POST", f"offers/{before['id']}/accept"))
            after = await ringing(other, but=before["id"])
            await other.surely("POST", f"offers/{after['id']}/accept")
            os.killpg(first.pid, signal.SIGCONT)
            status, _ = await late
            await Visitor(shop_http, chat, 2, Ledger()).say("second")
            following = await ringing(other)
            crashes = [*first.crashes(), *second.crashes()]

    assert status in {404, 409, 503}
    assert after["contact"]["id"] == before["contact"]["id"]
    assert following["contact"]["id"] != before["contact"]["id"]
    states = rows(one, "SELECT state FROM offer ORDER BY made_at, id")
    assert states == [("withdrawn",), ("accepted",), ("ringing",)]
    (fence,) = rows(one, "SELECT fence FROM lease WHERE name = 'routing'")
    assert fence[0] >= 2
    assert crashes == []
