"""Told to stop, the center finishes what it has in hand and says goodbye; nothing is lost."""

import asyncio
from pathlib import Path

import pytest

from tests.faults.consoles import watching
from tests.faults.ledger import Ledger, judge, read_kept
from tests.faults.people import Budget, Desk, Postman, Visitor, browser
from tests.faults.server import running_server
from tests.faults.waiting import until
from tests.simulators.mail_servers import running_dovecot, running_smtp
from web.live import GOING_AWAY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

STOPS_WITHIN_SECONDS = 30.0
VISITORS = 16
MESSAGES = 20


async def test_a_stop_among_messages_in_flight_is_short_and_loses_none(tmp_path: Path) -> None:
    ledger, budget = Ledger(), Budget()
    async with (
        running_dovecot() as dovecot,
        running_smtp() as smtp,
        running_server(tmp_path / "var") as server,
        browser() as desk_http,
        browser() as shop_http,
    ):
        desk = Desk(desk_http, server.url)
        await desk.set_up(server.setup_token())
        await desk.connect_mailbox(dovecot, smtp)
        chat = await desk.connect_widget()
        Postman(dovecot, ledger, people=5, seed=2).bring(30)
        talking = asyncio.gather(
            *(
                Visitor(shop_http, chat, one, ledger).talk(MESSAGES, budget)
                for one in range(VISITORS)
            )
        )
        async with watching(desk) as one, watching(desk) as other:
            await budget.grow(VISITORS * MESSAGES)
            await until(lambda: len(ledger.chat_acknowledged) >= VISITORS * MESSAGES // 4, 30)
            assert len(ledger.chat_acknowledged) < VISITORS * MESSAGES
            took = await server.terminate()
            await until(lambda: None not in {one.close_code, other.close_code}, 5)
        await server.start()
        async with asyncio.timeout(60):
            await talking
        everything = VISITORS * MESSAGES + 30
        await until(lambda: len(read_kept(tmp_path / "var/center.db").inbound) == everything, 30)
        await server.terminate()
        verdict = judge(ledger, read_kept(tmp_path / "var/center.db"), [], tmp_path / "var/blobs")
        crashes = server.crashes()

    print(f"stopped in {took:.1f} s")
    assert took < STOPS_WITHIN_SECONDS
    assert (one.close_code, other.close_code) == (GOING_AWAY, GOING_AWAY)
    assert verdict.broken() == [], verdict
    assert crashes == []
