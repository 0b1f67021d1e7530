"""The widget's manners: it speaks first at most once, and stores nothing before it may."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Route, expect
from sqlalchemy import select

from channels.webchat.tables import ChatVisitorRow
from tests.web.chat_browser import QUIET, Shop, open_shop, write
from tests.web.chat_scene import png
from tickets.tables import MessageRow

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]

RULE = {
    "id": "plants",
    "page": "/demo/*",
    "seconds": 1,
    "texts": {"en": "Shall we help you choose? [[Yes, please]]"},
}
STORED = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
NOTHING = '[{},{},""]'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(
    chat_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shop]:
    async with open_shop(chat_template, tmp_path_factory.mktemp("manners") / "var") as opened:
        yield opened


async def test_a_greeting_is_said_once_and_its_answer_tells_the_agent_what_it_was(
    shop: Shop,
) -> None:
    widget = await shop.add_widget(greetings=[RULE], **QUIET)
    shop.scene.house.chat.online = True
    async with shop.visit(widget) as page:
        await expect(page.get_by_role("button", name="Shall we help")).to_be_visible()
        await page.get_by_role("button", name="Yes, please").click()
        await expect(page.get_by_text("Sent", exact=True)).to_be_visible()

    ticket = (await shop.scene.tickets())[-1]
    async with shop.scene.house.database.reading() as session:
        quoted = await session.scalar(
            select(MessageRow.quoted).where(MessageRow.ticket_id == ticket.id)
        )
    assert quoted == "Shall we help you choose? Yes, please"


async def test_who_sent_a_greeting_away_does_not_meet_it_again(shop: Shop) -> None:
    widget = await shop.add_widget(greetings=[RULE], **QUIET)
    shop.scene.house.chat.online = True
    async with shop.visit(widget) as page:
        await page.get_by_role("button", name="Dismiss").click()
        await page.reload()
        await page.get_by_role("button", name="Open chat").wait_for()
        await page.wait_for_timeout(1_500)

        await expect(page.get_by_role("button", name="Shall we help")).to_have_count(0)


async def test_nothing_is_stored_anywhere_before_the_visitor_agrees(shop: Shop) -> None:
    widget = await shop.add_widget(
        greetings=[RULE], consent=True, privacy_url="https://shop.example/privacy", **QUIET
    )
    shop.scene.house.chat.online = True
    before = await shop.scene.count(ChatVisitorRow)
    async with shop.visit(widget) as page:
        await page.get_by_role("button", name="Open chat").click()
        await expect(page.get_by_role("link", name="Privacy")).to_be_visible()
        await expect(page.get_by_label("Message", exact=True)).to_be_hidden()
        assert await page.evaluate(STORED) == NOTHING
        assert await shop.scene.count(ChatVisitorRow) == before

        await page.get_by_role("button", name="I agree").click()
        await write(page, "Hello")
        assert "token" in await page.evaluate(STORED)

        await page.evaluate("contactCenter.consent(false)")
        assert await page.evaluate(STORED) == NOTHING
        await expect(page.get_by_role("button", name="I agree")).to_be_visible()


async def test_without_agreement_the_center_makes_nobody_a_visitor(shop: Shop) -> None:
    widget = await shop.add_widget(consent=True)
    browser = shop.scene.browser(key=widget.public_key, origin=shop.origin)

    refused = await browser.post("session", {})
    agreed = await browser.post("session", {"consent": True})

    assert (refused.status, (await refused.json())["field"]) == (422, "consent")
    assert agreed.status == 200


async def test_a_forgetful_widget_remembers_no_longer_than_the_tab(shop: Shop) -> None:
    widget = await shop.add_widget(storage="session", **QUIET)
    async with shop.visit(widget) as page:
        await page.get_by_role("button", name="Open chat").click()
        await write(page, "Hello")
        kept = await page.evaluate("[localStorage.length, sessionStorage.length > 0]")
        await page.reload()
        await page.get_by_role("button", name="Open chat").click()
        await expect(page.get_by_text("Hello", exact=True)).to_be_visible()

        assert kept == [0, True]


async def test_what_is_sent_before_its_file_is_there_leaves_with_the_file(shop: Shop) -> None:
    widget = await shop.add_widget(**QUIET)
    arrive = asyncio.Event()

    async def hold(route: Route) -> None:
        await arrive.wait()
        await route.continue_()

    async with shop.visit(widget) as page:
        await page.route("**/uploads?*", hold)
        await page.get_by_role("button", name="Open chat").click()
        await page.locator("input[type=file]").set_input_files(
            {"name": "leaf.png", "mimeType": "image/png", "buffer": png(40, 30)}
        )
        field = page.get_by_label("Message", exact=True)
        await field.fill("Is this one ill?")
        await field.press("Enter")
        await expect(field).to_have_value("Is this one ill?")
        arrive.set()

        await expect(page.get_by_text("Sent", exact=True)).to_be_visible()
        await expect(page.locator("button.picture canvas")).to_be_visible()
        await expect(field).to_have_value("")
