"""Two tickets side by side in the console, by keys alone; a narrow screen switches between them."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.chromium import running_chromium
from tests.web.axe import findings
from tests.web.test_pages import PHONE
from tests.web.test_routing_pages import opened
from tests.web.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with running_chromium() as browser:
        yield browser


async def numbers(world: World) -> tuple[int, int]:
    """The two tickets of the northern side, the one that rings first."""
    ids = world.north.ids
    views = [await world.admin.get(f"tickets/{ids[one]}") for one in ("ringing_ticket", "ticket")]
    return views[0]["ticket"]["number"], views[1]["ticket"]["number"]


def pane(page: Page, number: int) -> Locator:
    return page.get_by_role("region", name=re.compile(f"^#{number}: "))


def editor(page: Page, number: int) -> Locator:
    return pane(page, number).get_by_role("textbox", name="Reply")


def pair(world: World) -> str:
    ids = world.north.ids
    return f"tickets/{ids['ringing_ticket']}?beside={ids['ticket']}"


async def test_a_second_ticket_opens_beside_the_first_and_each_keeps_its_own_words(
    world: World, chromium: Browser
) -> None:
    first, second = await numbers(world)
    async with opened(
        chromium, world.north.agent, f"tickets/{world.north.ids['ringing_ticket']}"
    ) as page:
        press = page.keyboard.press
        await expect(editor(page, first)).to_be_visible()
        await press("Control+k")
        await page.keyboard.type(str(second))
        await expect(page.get_by_role("option").first).to_contain_text(f"#{second}")
        await press("Shift+Enter")
        await expect(pane(page, second)).to_be_focused()
        await press("r")
        await expect(editor(page, second)).to_be_focused()
        await press("Control+a")
        await page.keyboard.type("To the second")
        await press("Alt+b")
        await expect(pane(page, first)).to_be_focused()
        await press("r")
        await page.keyboard.type("To the first")
        await press("Alt+b")
        await expect(editor(page, second)).to_be_focused()

        await expect(editor(page, first)).to_have_text("To the first")
        await expect(editor(page, second)).to_have_text("To the second")
        assert await findings(page, "two tickets") == []

        await page.reload()
        await expect(editor(page, first)).to_have_text("To the first")
        await expect(editor(page, second)).to_have_text("To the second")


async def test_a_reply_asked_for_before_the_editor_has_come_begins_when_it_comes(
    world: World, chromium: Browser
) -> None:
    asked = asyncio.Event()

    async def held(route: Route) -> None:
        await asked.wait()
        await route.continue_()

    # What passes a service worker, Playwright's routes do not see.
    around: dict[str, Any] = {"service_workers": "block"}
    async with opened(chromium, world.admin, "inbox/all", **around) as page:
        await page.route("**/assets/RichEditor-*.js", held)
        await page.locator(".rows .ticket").first.click()
        await expect(page.locator("article.inbound").first).to_be_visible()
        await page.keyboard.press("r")
        asked.set()
        await expect(page.get_by_role("textbox", name="Reply")).to_be_focused()


async def test_closing_one_of_two_leaves_the_other_as_it_was(
    world: World, chromium: Browser
) -> None:
    first, second = await numbers(world)
    async with opened(chromium, world.admin, pair(world)) as page:
        await editor(page, second).click()
        await page.keyboard.type("Still here")
        await pane(page, first).get_by_role("button", name=f"Close #{first}").click()

        await expect(pane(page, first)).to_have_count(0)
        await expect(editor(page, second)).to_have_text("Still here")
        await expect(page).to_have_url(re.compile(f"tickets/{world.north.ids['ticket']}$"))
        await expect(editor(page, second)).to_be_focused()


async def test_each_of_two_tickets_shows_who_is_there_and_no_answer_goes_astray(
    world: World, chromium: Browser
) -> None:
    first, second = await numbers(world)
    async with opened(chromium, world.admin, pair(world)) as page:
        await expect(editor(page, first)).to_be_visible()
        await expect(editor(page, second)).to_be_visible()
        async with world.supervisor.live() as vera:
            await vera.socket.send_json({"type": "view", "ticket_ids": [world.north.ids["ticket"]]})
            await expect(pane(page, second).get_by_text("Vera is looking")).to_be_visible()
            await expect(pane(page, first).get_by_text("Vera is looking")).to_have_count(0)
        await editor(page, first).click()
        await page.keyboard.type("Words for the first alone")
        await page.keyboard.press("Control+Enter")
        said = pane(page, first).locator("article.outbound", has_text="for the first alone")
        await expect(said).to_be_visible()
        await expect(said.get_by_text("On its way")).to_have_count(0)
        await expect(editor(page, first)).to_have_text("")

    there = await world.admin.get(f"tickets/{world.north.ids['ringing_ticket']}")
    other = await world.admin.get(f"tickets/{world.north.ids['ticket']}")
    assert [one["text"] for one in there["messages"]].count("Words for the first alone") == 1
    assert "Words for the first alone" not in [one["text"] for one in other["messages"]]


async def test_the_list_opens_the_next_ticket_beside_and_walks_on_in_the_first(
    world: World, chromium: Browser
) -> None:
    wide: dict[str, Any] = {"viewport": {"width": 1900, "height": 900}}
    async with opened(chromium, world.admin, "inbox/all", **wide) as page:
        await expect(page.locator(".rows .ticket").nth(2)).to_be_visible()
        for key in ("j", "Enter"):
            await page.keyboard.press(key)
        await expect(page.locator("section.pane")).to_have_count(1)
        await page.keyboard.press("b")
        await expect(page.locator("section.pane")).to_have_count(2)
        beside = await page.locator("section.pane").nth(1).get_attribute("aria-label")
        row = page.locator(".rows .line:not(.current)").first
        await row.hover()
        await expect(row.get_by_role("button", name="Open beside")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("section.pane")).to_have_count(1)
    assert beside


async def test_a_phone_shows_one_of_the_two_and_switches(world: World, chromium: Browser) -> None:
    first, second = await numbers(world)
    async with opened(chromium, world.admin, pair(world), viewport=PHONE) as page:
        await expect(pane(page, first)).to_be_visible()
        await expect(pane(page, second)).to_have_count(0)
        await editor(page, first).click()
        await page.keyboard.type("Half a sentence")
        await page.get_by_role("button", name=f"#{second} ").click()
        await expect(pane(page, second)).to_be_visible()
        await expect(pane(page, first)).to_have_count(0)
        assert await findings(page, "two tickets, phone") == []
        await page.get_by_role("button", name=f"#{first} ").click()
        await expect(editor(page, first)).to_have_text("Half a sentence")
