"""Dead at any moment of a menu, the center says it once, and a choice leads on once."""

from pathlib import Path
from typing import Any

import pytest

from tests.faults.people import Desk, browser
from tests.faults.server import ServerProcess, running_server
from tests.faults.test_telegram import SECONDS, telegram
from tests.faults.waiting import until, until_asked
from tests.simulators.telegram import TOKEN, TelegramServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

__all__ = ["telegram"]

MOMENTS = ("intake.before_commit", "intake.after_commit_before_ack")


async def a_menu(desk: Desk, url: str) -> str:
    """Connect a bot that asks what it is about; return the queue behind its only option."""
    sales: dict[str, Any] = await desk.surely("POST", "queues", {"name": "Sales"})
    bot = {"kind": "telegram", "name": "Shop", "settings": {"api_url": url}}
    made = await desk.surely("POST", "accounts", {**bot, "secrets": {"bot_token": TOKEN}})
    menu = {
        "kind": "menu",
        "id": "menu",
        "text": {"en": "What is it about?"},
        "choices": {"1": "sales"},
        "labels": {"1": {"en": "Sales"}},
    }
    queue = {"kind": "queue", "id": "sales", "queue_id": sales["id"], "text": {"en": "Yes."}}
    nodes = [menu, queue]
    body = {"flow": {"start": "menu", "nodes": nodes}, "version": 0, "serves": [made["id"]]}
    await desk.surely("PUT", f"accounts/{made['id']}/flow", body)
    return str(sales["id"])


async def said_through(
    server: ServerProcess, telegram: TelegramServer, text: str, moment: str
) -> str:
    """Let the center die at this moment of taking a text in; return what it says after all."""
    before = len(telegram.sent)
    await server.kill()
    await server.start(crash_at=f"{moment}:1", patiently=False)
    await telegram.write(text)
    assert await server.died(within=SECONDS), moment
    await server.start()

    await until(lambda: len(telegram.sent) > before, SECONDS)
    return telegram.sent[-1].text


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_menu_is_said_once_and_chosen_from_once_though_the_center_dies(
    tmp_path: Path, telegram: TelegramServer, moment: str
) -> None:
    async with running_server(tmp_path / "var") as server, browser() as http:
        desk = Desk(http, server.url)
        await desk.set_up(server.setup_token())
        sales = await a_menu(desk, telegram.url)

        asked = await said_through(server, telegram, "Hello", moment)
        told = await said_through(server, telegram, "1", moment)

        async def waits_there() -> bool:
            waiting = (await desk.surely("GET", f"contacts?queue_id={sales}"))["items"]
            return [one["chosen"] for one in waiting] == ["Sales"]

        await until_asked(waits_there, SECONDS)
        last = await telegram.write("Thank you")
        await telegram.until_confirmed(last["update_id"])
        crashes = server.crashes()

    assert (asked, told) == ("What is it about?", "Yes.")
    assert [one.text for one in telegram.sent] == [asked, told]
    assert crashes == []
