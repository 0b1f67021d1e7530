"""Several conversations of one visitor, and what they think of the help."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from sqlalchemy import select

from kernel.journal import JournalRow
from tests.web.chat_browser import QUIET, Shop, open_shop, write
from tests.web.chat_scene import IRYNA, Browser, Scene
from tickets import service as tickets
from tickets.tables import TicketRow

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(
    chat_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shop]:
    async with open_shop(chat_template, tmp_path_factory.mktemp("cases") / "var") as opened:
        yield opened


@pytest.fixture
def scene(shop: Shop) -> Scene:
    return shop.scene


async def visitor(shop: Shop) -> Browser:
    return await shop.scene.browser(origin=shop.origin).enter()


async def say(who: Browser, text: str, **where: str) -> Any:
    answer = await who.post("messages", {"id": str(uuid4()), "text": text, **where})
    return await answer.json()


async def cases(who: Browser) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await (await who.get("conversations")).json())["items"]
    return items


async def settle(scene: Scene, ticket_id: str, status: str = "solved") -> None:
    async with scene.house.database.transaction() as session:
        ticket = await session.get_one(TicketRow, UUID(ticket_id))
        now = scene.house.clock.now()
        await tickets.change(session, ticket, {"status": status}, actor_id=IRYNA.agent_id, now=now)


async def test_a_new_conversation_is_a_ticket_of_its_own_however_often_it_is_begun(
    shop: Shop,
) -> None:
    olena, begun = await visitor(shop), str(uuid4())
    await say(olena, "About my order")

    first, second = [await say(olena, text, begins=begun) for text in ("A pot", "A blue one")]
    found = await cases(olena)

    assert first["conversation"] == second["conversation"] == found[0]["id"]
    assert [one["title"] for one in found] == ["A pot", "About my order"]
    lines = await olena.messages(f"?conversation={found[0]['id']}")
    assert [one["text"] for one in lines] == ["A pot", "A blue one"]
    assert {one["conversation"] for one in lines} == {found[0]["id"]}


async def test_two_tabs_that_begin_the_same_conversation_begin_one(shop: Shop) -> None:
    olena, begun = await visitor(shop), str(uuid4())

    told = await asyncio.gather(*(say(olena, f"{n}", begins=begun) for n in range(4)))

    assert len({one["conversation"] for one in told}) == 1
    assert len(await cases(olena)) == 1


async def test_an_old_conversation_goes_on_where_it_was(shop: Shop) -> None:
    olena = await visitor(shop)
    await say(olena, "Old")
    (old,) = await cases(olena)
    await say(olena, "New", begins=str(uuid4()))

    await say(olena, "Still about the old one", conversation=old["id"])

    texts = [one["text"] for one in await olena.messages(f"?conversation={old['id']}")]
    assert texts == ["Old", "Still about the old one"]


async def test_another_visitors_conversation_does_not_exist(shop: Shop) -> None:
    olena, oleh = await visitor(shop), await visitor(shop)
    await say(olena, "Mine")
    (mine,) = await cases(olena)
    await settle(shop.scene, mine["id"])

    written = await oleh.post(
        "messages", {"id": str(uuid4()), "text": "x", "conversation": mine["id"]}
    )
    rated = await oleh.post("rating", {"conversation": mine["id"], "score": 1})

    assert (written.status, rated.status) == (404, 404)
    assert await oleh.messages(f"?conversation={mine['id']}") == []


async def test_reading_one_conversation_leaves_the_other_unread(shop: Shop) -> None:
    olena = await visitor(shop)
    await say(olena, "One")
    (one,) = await cases(olena)
    other = (await say(olena, "Two", begins=str(uuid4())))["conversation"]
    ids = [
        await shop.scene.answer(text, ticket_id=UUID(ticket))
        for text, ticket in (("first", one["id"]), ("second", other))
    ]

    with shop.scene.heard("MessageStateChanged", message_id=str(ids[1]), state="read") as read:
        await olena.post("read", {"message_id": str(ids[1])})
        await read()

    lines = {line["text"]: line["read"] for line in await olena.messages()}
    assert (lines["first"], lines["second"]) == (False, True)


async def test_only_what_is_over_is_rated_and_every_change_is_noted(shop: Shop) -> None:
    olena = await visitor(shop)
    await say(olena, "Help")
    (case,) = await cases(olena)
    body = {"conversation": case["id"], "score": 5}

    early = await olena.post("rating", body)
    await settle(shop.scene, case["id"])
    wrong = await olena.post("rating", {**body, "score": 6})
    for rating in (body, body, {**body, "score": 2, "comment": " slow \x00"}):
        assert (await olena.post("rating", rating)).status == 200
    (rated,) = await cases(olena)

    assert (early.status, wrong.status) == (409, 422)
    assert (rated["ended"], rated["rating"]) == (True, 2)
    async with shop.scene.house.database.reading() as session:
        noted = await session.scalars(
            select(JournalRow.data)
            .where(JournalRow.kind == "TicketRated", JournalRow.ticket_id == UUID(rated["id"]))
            .order_by(JournalRow.seq)
        )
    assert list(noted) == [
        {"score": 5, "before": None, "comment": ""},
        {"score": 2, "before": 5, "comment": "slow"},
    ]


async def test_an_open_page_hears_that_a_conversation_is_over(shop: Shop) -> None:
    olena = await visitor(shop)
    await say(olena, "Help")
    (case,) = await cases(olena)
    async with olena.line() as line:
        assert [one["ended"] for one in line.welcome["conversations"]] == [False]
        await settle(shop.scene, case["id"])
        told = await line.hear("conversation")

    assert (told["conversation"]["id"], told["conversation"]["ended"]) == (case["id"], True)
    # What agents call the ticket is theirs alone.
    assert "subject" not in told["conversation"]


@pytest.mark.browser
@pytest.mark.slow
async def test_a_visitor_rates_begins_anew_and_comes_back(shop: Shop) -> None:
    widget = await shop.add_widget(**QUIET)
    async with shop.visit(widget) as page:
        await page.get_by_role("button", name="Open chat").click()
        await write(page, "Where is my parcel?")
        await shop.scene.answer("It is with your neighbour")
        await expect(page.get_by_text("with your neighbour")).to_be_visible()
        ticket = (await shop.scene.tickets())[-1]
        await settle(shop.scene, str(ticket.id))
        await rate(shop, page)

        await page.get_by_role("button", name="Back").click()
        await page.get_by_role("button", name="New conversation").click()
        await expect(page.get_by_text("with your neighbour")).to_have_count(0)
        await write(page, "Do you sell pots?")
        await page.reload()
        await page.get_by_role("button", name="Open chat").click()
        await expect(page.get_by_text("Do you sell pots?")).to_be_visible()
        await page.get_by_role("button", name="Back").click()
        await page.get_by_role("button", name="Where is my parcel?").click()
        await expect(page.get_by_text("with your neighbour")).to_be_visible()
        await expect(page.get_by_role("radio", name="4, good")).to_be_checked()

    assert len(await shop.scene.tickets_of(ticket.client_id)) == 2


async def rate(shop: Shop, page: Page) -> None:
    with shop.scene.heard("TicketRated", score=4, comment="Quick!") as rated:
        await page.get_by_role("radio", name="4, good").click()
        await page.get_by_label("What could be better?").fill("Quick!")
        await page.get_by_label("How was our help?").get_by_role("button", name="Send").click()
        await rated()
