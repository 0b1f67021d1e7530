"""The supervisor's floor in a browser: a figure leads to its contacts, a limit that is crossed is
told, and the wall shows it all without anything to click.
"""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.web.test_pages import DESK, chromium, opened
from tests.web.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

__all__ = ["chromium"]
ALERT_MS = 30_000


async def test_a_crossed_limit_is_told_and_a_figure_leads_to_its_contacts(
    world: World, chromium: Browser
) -> None:
    page = await opened(chromium, world, viewport=DESK)
    url = world.admin.url
    await page.goto(f"{url}/floor/limits")
    await page.get_by_role("button", name="New limit").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Queue").select_option(label="north")
    await dialog.get_by_label("Limit").select_option(label="Longest wait")
    await dialog.get_by_label("Seconds").fill("1")
    await dialog.get_by_role("button", name="Save").click()

    banner = page.get_by_role("status").get_by_role("link", name=re.compile("north Longest wait"))
    await expect(banner).to_be_visible(timeout=ALERT_MS)
    await page.get_by_role("link", name="Floor").first.click()
    card = page.get_by_role("article", name="north")
    offered = card.locator("div", has=page.get_by_text("Offered", exact=True)).last
    await expect(offered.get_by_role("link")).to_have_text(re.compile(r"^\d+$"))
    count = int(await offered.get_by_role("link").inner_text())
    await offered.get_by_role("link").click()
    await expect(page.get_by_role("heading", name="Contacts: north")).to_be_visible()
    await expect(page.locator("tbody tr")).to_have_count(count)

    await page.goto(f"{url}/floor/wall")
    await expect(page.get_by_text("Longest wait").first).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page).to_have_url(f"{url}/floor")

    await page.get_by_role("link", name="Limits and alerts").click()
    await page.get_by_role("button", name=re.compile("^Remove: north")).click()
    await (
        page.get_by_role("alertdialog")
        .or_(page.get_by_role("dialog"))
        .get_by_role("button", name="Remove")
        .click()
    )
    await expect(banner).to_have_count(0, timeout=ALERT_MS)
    await page.context.close()


async def test_a_report_shows_its_chart_and_gives_its_sheet(
    world: World, chromium: Browser
) -> None:
    page = await opened(chromium, world, viewport=DESK)
    await page.goto(f"{world.admin.url}/floor/reports")
    await expect(page.get_by_role("img", name="Contacts by interval and outcome")).to_be_visible()

    async with page.expect_download() as saving:
        await page.get_by_role("link", name="CSV").click()

    sheet = (await (await saving.value).path()).read_text(encoding="utf-8-sig")
    assert sheet.startswith("start,minutes,queue,channel,offered")
    assert "north" in sheet
    await page.context.close()
