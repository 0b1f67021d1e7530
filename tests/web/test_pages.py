"""Every page of the console in a browser: accessible in both themes, usable without a mouse."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.chromium import PATIENCE_MS, running_chromium
from tests.desk_api import PASSWORD
from tests.faults.waiting import until_asked
from tests.web.axe import findings
from tests.web.world import World
from web.session import COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

DESK: ViewportSize = {"width": 1440, "height": 844}
PHONE: ViewportSize = {"width": 390, "height": 844}
FOLDED = (
    "floor",
    "floor/wall",
    "work",
    "inbox/all",
    "profile",
    "admin/staff",
    "admin/routing/agents",
    "welcome",
    "what-if",
)
PAGES = (
    "work",
    "inbox/all",
    "inbox/snoozed",
    "inbox/all/{ticket}",
    "tickets/{ticket}",
    "tickets/new",
    "search?q=kingfisher",
    "queues",
    "clients",
    "clients/{client}",
    "knowledge",
    "knowledge/{article}",
    "floor",
    "floor/reports",
    "floor/limits",
    "floor/contacts?queue={queue}",
    "floor/wall",
    "what-if",
    "profile",
    "admin/mailboxes",
    "admin/widgets",
    "admin/messengers",
    "admin/queues",
    "admin/routing/skills",
    "admin/routing/agents",
    "admin/routing/profiles",
    "admin/routing/calendars",
    "admin/routing/rules",
    "admin/routing/rules/{queue}",
    "admin/routing/dispositions",
    "admin/staff",
    "admin/canned-replies",
    "admin/channels",
    "admin/dead-letters",
    "admin/center",
    "welcome",
    "admin/gallery",
    "nowhere",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with running_chromium() as browser:
        yield browser


async def opened(browser: Browser, world: World, **more: Any) -> Page:
    """A page of the administrator, who is signed in."""
    cookies = {one.key: one.value for one in world.admin._http.cookie_jar}
    context = await browser.new_context(locale="en-GB", reduced_motion="reduce", **more)
    await context.add_cookies(
        [{"name": COOKIE, "value": cookies[COOKIE], "url": str(world.admin.url)}]
    )
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    return page


def addresses(world: World) -> list[str]:
    facts = {
        "ticket": world.north.ids["ticket"],
        "client": world.north.ids["client"],
        "article": world.shared["article"],
        "queue": world.north.queue,
    }
    return [path.format(**facts) for path in PAGES]


@pytest.mark.timeout(240)
async def test_no_page_has_a_serious_finding_in_either_theme_or_on_a_phone(
    world: World, chromium: Browser
) -> None:
    page = await opened(chromium, world, viewport=DESK)
    wrong: list[str] = []
    for path in addresses(world):
        await page.goto(f"{world.admin.url}/{path}", wait_until="load")
        await expect(page.locator("main, section.list").first).to_be_visible()
        if not path.endswith("gallery"):
            await expect(page.locator(".bones")).to_have_count(0)
        wrong += await findings(page, path)
        await page.emulate_media(color_scheme="dark")
        wrong += await findings(page, f"{path}, dark", "color-contrast")
        await page.emulate_media(color_scheme="light")
        if path in FOLDED:
            await page.set_viewport_size(PHONE)
            wrong += await findings(page, f"{path}, phone")
            await page.set_viewport_size(DESK)
    await page.context.close()

    assert wrong == []


async def test_from_sign_in_to_a_solved_ticket_without_a_mouse(
    world: World, chromium: Browser
) -> None:
    """A mail rings, is taken, read, answered and solved: by keys alone."""
    context = await chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    press, type_ = page.keyboard.press, page.keyboard.type

    await page.goto(str(world.admin.url))
    await expect(page.get_by_label("E-mail")).to_be_focused()
    await type_("nora@wonder.example")
    await press("Tab")
    await type_(PASSWORD)
    await press("Enter")
    await expect(page.get_by_role("link", name="My work")).to_be_visible()
    ticket = await world.north.agent.get(f"tickets/{world.north.ids['ringing_ticket']}")
    await press("Alt+i")
    await expect(page).to_have_url(re.compile("/inbox/mine"))
    await press("Control+k")
    await type_(str(ticket["ticket"]["number"]))
    await expect(page.get_by_role("option").first).to_contain_text(str(ticket["ticket"]["number"]))
    await press("Enter")
    await expect(page).to_have_url(re.compile(world.north.ids["ringing_ticket"]))
    await expect(page.locator("article.inbound").first).to_be_visible()
    await press("r")
    await expect(page.get_by_role("textbox", name="Reply")).to_be_focused()
    await type_("It is on its way.")
    await press("Control+Enter")
    await expect(page.get_by_text("It is on its way.").first).to_be_visible()
    await expect(page.get_by_role("textbox", name="Reply")).not_to_contain_text("on its way")
    await expect(page.locator("article.outbound")).to_contain_text("It is on its way.")
    await press("Escape")
    await press("e")
    await expect(page.locator("header.head select").first).to_have_value("solved", timeout=15_000)

    async def solved() -> bool:
        read = await world.north.agent.get(f"tickets/{world.north.ids['ringing_ticket']}")
        return bool(read["ticket"]["status"] == "solved")

    # The page shows it before the server has it.
    await until_asked(solved, PATIENCE_MS / 1000)
    await context.close()
