"""Records a supervisor's walk through a busy noon on the floor, for docs/busy-noon.md.

The demonstration runs faster than life with one agent left at work, until a limit is crossed;
then everything is done by clicking, as Vera would.
"""

import asyncio
import re
from typing import Final

from playwright.async_api import Page, expect

from demo.floor import open_floor
from demo.staff import PASSWORD, STAFF, Colleague
from demo.talking import Desk
from scripts import debian, studio
from scripts.shell import main

_PACE: Final = 5.0
_SEED: Final = 12
_MOST_WAITING: Final = 6
_PATIENCE_MS: Final = 240_000
_MOVED: Final = 3
_ASKED: Final = 8


def _who(role: str) -> Colleague:
    return next(one for one in STAFF if one.role == role and not one.scripted)


async def _walk() -> None:
    expect.set_options(timeout=_PATIENCE_MS)
    async with (
        open_floor(pace=_PACE, seed=_SEED, helpers=1) as floor,
        studio.browser() as chromium,
        studio.page(chromium, theme="light") as page,
    ):
        await studio.sign_in(page, floor.url, _who("supervisor").email)
        await _set_a_limit(page, floor.url)
        await _wait_for_trouble(page, floor.url)
        await _drill_down(page)
        await _ask_why(page, floor.url)
        await _bring_somebody_back(floor.url)
        await _move_some(page, floor.url)
        await _what_if(page, floor.url)


async def _set_a_limit(page: Page, url: str) -> None:
    await page.goto(f"{url}/floor/limits")
    await page.get_by_role("button", name="New limit").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Queue").select_option(label="Support")
    await dialog.get_by_label("Limit").select_option(label="Number waiting")
    await dialog.get_by_label("Contacts").fill(str(_MOST_WAITING))
    await studio.take(page, "noon-1-limit")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)


async def _wait_for_trouble(page: Page, url: str) -> None:
    """The wall all can see, from quiet to the alert."""
    await page.goto(f"{url}/floor/wall")
    await expect(
        page.get_by_text(re.compile(rf"More than {_MOST_WAITING} waiting")).first
    ).to_be_visible()
    await studio.take(page, "noon-2-wall")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("article", name="Support")).to_be_visible()
    await studio.take(page, "noon-3-floor")


async def _drill_down(page: Page) -> None:
    """From the number that is too high to the contacts behind it."""
    card = page.get_by_role("article", name="Support")
    await card.locator("dl.big a").first.click()
    await expect(page.get_by_role("heading", name="Contacts: Support")).to_be_visible()
    await expect(page.locator("tbody tr").first).to_be_visible()
    await studio.take(page, "noon-4-contacts")


async def _ask_why(page: Page, url: str) -> None:
    await page.goto(f"{url}/floor")
    asked = page.get_by_role("button", name="Why?")
    dialog = page.get_by_role("dialog")
    await expect(asked.nth(_ASKED - 1)).to_be_visible()
    for at in range(_ASKED):
        await asked.nth(at).click()
        await expect(dialog.get_by_role("listitem").first).to_be_visible()
        if not await dialog.get_by_text("Ringing").count():  # of those who ring it says little
            break
        await page.keyboard.press("Escape")
    await studio.take(page, "noon-5-why")
    await page.keyboard.press("Escape")


async def _bring_somebody_back(url: str) -> None:
    """Alex comes back from lunch early."""
    async with Desk(url) as desk:
        await desk.sign_in(_who("agent").email, PASSWORD)
        await desk.call("PUT", "presence", {"state": "available"})


async def _move_some(page: Page, url: str) -> None:
    """Several contacts at once go to the agent who is back."""
    await page.goto(f"{url}/floor")
    card = page.get_by_role("article", name="Support")
    await card.locator("dl.big a").first.click()
    boxes = page.locator("tbody input[type=checkbox]")
    await expect(boxes.nth(_MOVED - 1)).to_be_visible()
    for at in range(_MOVED):
        await boxes.nth(at).check()
    toolbar = page.get_by_role("toolbar", name="Chosen contacts")
    await expect(toolbar).to_contain_text(f"{_MOVED} chosen")
    await toolbar.get_by_role("button", name="Assign to").press("Enter")
    await studio.take(page, "noon-6-moving")
    await page.get_by_role("menuitem", name=_who("agent").name).press("Enter")
    await expect(page.get_by_text(re.compile("Done: "))).to_be_visible()
    await page.goto(f"{url}/floor")
    await expect(page.get_by_role("article", name="Support")).to_be_visible()
    await studio.take(page, "noon-7-after")


async def _what_if(page: Page, url: str) -> None:
    """The same day with two more agents."""
    await page.goto(f"{url}/what-if")
    await page.get_by_role("button", name="Two more agents").click()
    await page.get_by_role("button", name="Compare with now").click()
    await page.get_by_role("img", name="Mean wait until the answer").wait_for()
    await studio.take(page, "noon-8-what-if")


def _all() -> int:
    debian.ensure({"dovecot": "dovecot-imapd"})
    asyncio.run(_walk())
    return 0


if __name__ == "__main__":
    main(_all)
