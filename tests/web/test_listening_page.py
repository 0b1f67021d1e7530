"""A supervisor reads a conversation along in the console, whispers, and takes part; in light and
dark, on a phone, and without a mouse.
"""

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, FloatRect, Page, expect

from tests.chromium import PATIENCE_MS
from tests.desk_api import DeskApi
from tests.journeys.test_chat_round_trip import Visitor
from tests.web.axe import findings
from tests.web.test_listening import Office, Talk, office, talk
from tests.web.test_pages import DESK, PHONE, chromium
from web.session import COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

__all__ = ["chromium", "office", "talk"]


async def console(browser: Browser, who: DeskApi, path: str) -> Page:
    cookies = {one.key: one.value for one in who._http.cookie_jar}
    context = await browser.new_context(
        locale="en-GB", reduced_motion="reduce", viewport=DESK, color_scheme="light"
    )
    session = {"name": COOKIE, "value": cookies[COOKIE], "url": str(who.url)}
    await context.add_cookies([session])  # type: ignore[list-item]
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(f"{who.url}/{path}")
    return page


async def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, where somebody asked for pictures."""
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def test_a_supervisor_reads_along_whispers_and_takes_part(
    office: Office, talk: Talk, chromium: Browser
) -> None:
    nora = await console(chromium, office.nora, f"tickets/{talk.ticket}")
    here = nora.locator(".who")
    vera = await console(chromium, office.vera, "floor")
    nameless = re.compile(r"^Visitor [0-9a-f]{4}$")
    await expect(nora.locator("article.inbound .author").first).to_have_text(nameless)
    number = (await office.nora.get(f"tickets/{talk.ticket}"))["ticket"]["number"]

    await vera.get_by_role("link", name=f"Read #{number} along").first.press("Enter")
    await expect(vera.locator("article.inbound")).to_contain_text("monstera")
    await expect(here.get_by_text("Vera reads along")).to_be_visible()

    await vera.get_by_role("textbox", name="Whisper").fill("Offer a cactus")
    await vera.keyboard.press("Control+Enter")
    await expect(nora.locator("article.whisper")).to_contain_text("Offer a cactus")
    await expect(nora.locator("article.whisper")).to_contain_text("the client never sees it")
    await picture(nora, "whisper-light")

    await vera.get_by_role("button", name="Take part").click()
    await expect(here.get_by_text("Vera takes part")).to_be_visible()
    await vera.get_by_role("textbox", name="To the client").fill("How about a cactus?")
    await vera.get_by_role("button", name="Send").click()
    await expect(nora.locator("article.outbound")).to_contain_text("How about a cactus?")
    wrong = await findings(vera, "listening")
    for scheme in ("dark", "light"):
        await vera.emulate_media(color_scheme=scheme)
        await nora.emulate_media(color_scheme=scheme)
        wrong += await findings(vera, f"listening, {scheme}", "color-contrast")
        wrong += await findings(nora, f"whisper, {scheme}", "color-contrast")
        await picture(vera, f"listening-{scheme}")
    await vera.set_viewport_size(PHONE)
    wrong += await findings(vera, "listening, phone")
    await picture(vera, "listening-phone")
    assert wrong == []

    await vera.get_by_role("button", name="Leave").click()
    await expect(vera).to_have_url(re.compile("/floor$"))
    await expect(here.get_by_text("Vera takes part")).to_have_count(0)
    await nora.get_by_role("tab", name="History").click()
    await expect(nora.get_by_text("Vera reads along").first).to_be_visible()
    for page in (nora, vera):
        await page.context.close()


def _apart(one: FloatRect, other: FloatRect) -> bool:
    return (
        one["x"] + one["width"] <= other["x"]
        or other["x"] + other["width"] <= one["x"]
        or one["y"] + one["height"] <= other["y"]
        or other["y"] + other["height"] <= one["y"]
    )


async def test_what_rings_covers_nothing_that_one_works_with(
    office: Office, talk: Talk, chromium: Browser
) -> None:
    (queue,) = await office.admin.get("queues")
    long = {"version": queue["version"], "offer_seconds": 300}
    await office.admin.patch(f"queues/{queue['id']}", long)
    visitor = Visitor(office.admin, office.key)
    await visitor.enter()
    async with office.nora.live() as live:
        await visitor.say("And for dogs?")
        await live.next("OfferMade")

    page = await console(chromium, office.nora, f"tickets/{talk.ticket}")
    rings, writes = page.get_by_role("alertdialog").first, page.locator(".composer")
    covered = []
    try:
        for width, height in ((1440, 900), (1000, 700), (390, 780)):
            await page.set_viewport_size({"width": width, "height": height})
            await expect(rings).to_be_visible()
            await expect(writes).to_be_visible()
            there, here = await rings.bounding_box(), await writes.bounding_box()
            if there is None or here is None or not _apart(there, here):
                covered.append((width, there, here))
        await picture(page, "ringing-phone")
    finally:
        await page.context.close()

    assert covered == []
