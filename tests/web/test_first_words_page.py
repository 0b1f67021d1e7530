"""By clicking: who is left alone gets no first word, and by night one waits for the morning."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.chromium import PATIENCE_MS, running_chromium
from tests.desk_api import DeskApi
from tests.journeys.test_first_words import database_url, opening, quiet_now
from tests.journeys.test_sms_round_trip import connected
from tests.simulators.twilio import running_twilio
from tests.web.test_pages import DESK, PHONE
from web.session import COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

__all__ = ["database_url"]
KEPT = "Kept until the client’s quiet hours are over"


async def pictured(page: Page, name: str) -> None:
    """Keep what it looks like in light, dark and on a phone, where somebody asked for pictures."""
    folder = os.environ.get("PICTURES")
    if folder is None:
        return
    await page.screenshot(path=Path(folder) / f"{name}-light.png")
    await page.emulate_media(color_scheme="dark")
    await page.screenshot(path=Path(folder) / f"{name}-dark.png")
    await page.set_viewport_size(PHONE)
    await page.screenshot(path=Path(folder) / f"{name}-phone.png", full_page=True)
    await page.set_viewport_size(DESK)
    await page.emulate_media(color_scheme="light")


async def test_by_night_a_first_word_waits_and_who_is_left_alone_gets_none(desk: DeskApi) -> None:
    cookies = {one.key: one.value for one in desk._http.cookie_jar}
    async with running_twilio() as twilio, running_chromium() as chromium:
        account = await connected(desk, twilio)
        await quiet_now(desk)
        first = await opening(desk, account)
        ticket = await desk.post("tickets", first)
        context = await chromium.new_context(locale="en-GB", viewport=DESK)
        await context.add_cookies(
            [{"name": COOKIE, "value": cookies[COOKIE], "url": str(desk.url)}]
        )
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)

        await page.goto(f"{desk.url}/tickets/{ticket['id']}", wait_until="load")
        await expect(page.get_by_text(KEPT)).to_be_visible()
        await pictured(page, "kept")
        await page.get_by_role("button", name="Send now").click()
        await page.get_by_role("alertdialog").get_by_role("button", name="Send now").click()
        there = await twilio.next_sent()

        await page.goto(f"{desk.url}/clients/{first['client_id']}", wait_until="load")
        await page.get_by_role("button", name="Leave alone").click()
        await page.get_by_role("alertdialog").get_by_role("button", name="Leave alone").click()
        await expect(page.get_by_text("Left alone", exact=True)).to_be_visible()
        await expect(page.get_by_text("To be left alone: noted")).to_be_visible()
        await pictured(page, "left-alone")
        await page.goto(f"{desk.url}/tickets/new?client={first['client_id']}", wait_until="load")
        await expect(page.get_by_text("does not want to be written to")).to_be_visible()
        await pictured(page, "first-words")

        await page.goto(f"{desk.url}/admin/center", wait_until="load")
        await expect(page.get_by_label("Quiet hours")).to_be_checked()
        await pictured(page, "quiet-hours")
        await page.get_by_label("From").fill("22:30")
        await page.get_by_role("button", name="Save").first.click()
        await expect(page.get_by_text("Saved").first).to_be_visible()
        await context.close()

    assert there.body == "It is here"
    assert (await desk.get("center"))["quiet_hours"]["begins"] == 22 * 60 + 30
