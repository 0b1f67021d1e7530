"""The page “What if”: two more agents, tried out in a browser, and looked at by axe."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.chromium import running_chromium
from tests.web.axe import findings
from tests.web.test_pages import DESK, PHONE, opened
from tests.web.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with running_chromium() as browser:
        yield browser


async def test_two_more_agents_are_compared_with_now(world: World, chromium: Browser) -> None:
    page = await opened(chromium, world, viewport=DESK)
    await page.goto(f"{world.admin.url}/what-if", wait_until="load")

    await page.get_by_role("button", name="Two more agents").click()
    await page.get_by_label("How many such days").fill("1")
    await page.get_by_role("button", name="Compare with now").click()

    day = page.get_by_role("region", name="The whole day")
    await expect(day.get_by_role("row", name="Service level")).to_be_visible()
    level = await day.get_by_role("row", name="Service level").get_by_role("cell").all_inner_texts()
    now, then = (float(one.rstrip("%")) for one in level[:2])
    assert then > now
    assert level[2].startswith("+")
    for chart in ("Mean wait until the answer", "Service level", "Agents on shift and needed"):
        await expect(page.get_by_role("img", name=chart)).to_be_visible()
    await page.locator("figure summary").first.click()
    await expect(page.get_by_role("row", name="08:00").first).to_be_visible()
    wrong = await findings(page, "what-if")
    await page.emulate_media(color_scheme="dark")
    wrong += await findings(page, "what-if, dark", "color-contrast")
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size(PHONE)
    wrong += await findings(page, "what-if, phone")
    wide = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    await page.context.close()

    assert wrong == []
    assert not wide


async def test_missed_offers_and_redials_are_tried_and_shown(
    world: World, chromium: Browser
) -> None:
    page = await opened(chromium, world, viewport=PHONE)
    await page.goto(f"{world.admin.url}/what-if", wait_until="load")

    await page.locator("details", has_text="missed offers").first.locator("summary").click()
    await page.get_by_label("Misses offers (%)").first.fill("40")
    clients = page.get_by_role("region", name="How clients wait").locator("details").first
    await clients.locator("summary").click()
    await clients.get_by_label("Call again after giving up (%)").fill("80")
    await clients.get_by_label("Ask to be called back (%)").fill("30")
    await page.get_by_label("How many such days").fill("1")
    wrong = await findings(page, "what-if, opened, phone")
    wide = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    await page.get_by_role("button", name="Compare with now").click()

    day = page.get_by_role("region", name="The whole day")
    for line in ("Called again a day", "Asked to be called back a day", "Offers missed a day"):
        cells = day.get_by_role("row", name=line).get_by_role("cell")
        await expect(cells.first).to_have_text("0")
        assert float(await cells.nth(1).inner_text()) > 0
    await page.context.close()

    assert wrong == []
    assert not wide


async def test_a_rehearsal_can_be_ended_and_begun_again(world: World, chromium: Browser) -> None:
    page = await opened(chromium, world, viewport=DESK)
    await page.goto(f"{world.admin.url}/what-if", wait_until="load")

    await page.get_by_label("How many such days").fill("10")
    await page.get_by_role("button", name="Rehearse").click()
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_label("How many such days").fill("1")
    await page.get_by_role("button", name="Rehearse").click()

    results = page.get_by_role("region", name="What would happen")
    busy = page.get_by_text("is trying out a day just now")
    await expect(results.or_(busy).first).to_be_visible()
    while await busy.is_visible():  # the server has not noticed yet that the first hung up
        await page.get_by_role("button", name="Rehearse").click()
        await expect(results.or_(busy).first).to_be_visible()
    await expect(results).to_be_visible()
    await page.context.close()
