"""Takes a picture of a thread of every channel, written by hand in the demonstration.

A client writes on their telephone; somebody takes it in the console and answers, and the picture is
taken when the answer has come to the telephone. Then the client calls, and is spoken with in the
console itself. For docs/channels/.
"""

import asyncio
from typing import Final

from playwright.async_api import Page, expect

from demo.floor import open_floor
from demo.staff import STAFF
from scripts import debian, studio
from scripts.shell import main

_PACE: Final = 0.01
"""Hardly anybody else writes meanwhile."""
_PATIENCE_MS: Final = 60_000
_ASKED: Final = "Hello! Is the big monstera in your window for sale?"
_ANSWER: Final = "It is, and it is yours if you like: 34 €, watered this morning."
_CLIENT: Final = "Olha Petrenko's telephone"
_HEADSET: Final = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


async def _take_all() -> None:
    expect.set_options(timeout=_PATIENCE_MS)
    async with (
        open_floor(pace=_PACE, seed=1, helpers=0, with_mail=False) as floor,
        studio.browser(*_HEADSET) as chromium,
        studio.page(chromium, theme="light", phone=True) as telephone,
        studio.page(chromium, theme="light") as console,
    ):
        # Who takes calls alone in the demonstration.
        taker = next(one for one in STAFF if one.role == "administrator")
        await studio.sign_in(console, floor.url, taker.email)
        await telephone.goto(floor.phones_url)
        tabs = telephone.get_by_role("tab")
        await expect(tabs.first).to_be_visible()
        for tab in await tabs.all():
            await tab.click()
            await _write(telephone, console, floor.url, await tab.inner_text())
            await _keep(console, await tab.get_attribute("data-kind") or "")
        await telephone.goto(f"{floor.phones_url}/calls")
        await _speak(telephone, console, floor.url)
        await studio.take(console, "thread-voice")


async def _keep(console: Page, kind: str) -> None:
    beside = console.get_by_role("navigation", name="Main navigation")
    await studio.take(console, f"thread-{kind}", right_of=beside)


async def _write(telephone: Page, console: Page, url: str, name: str) -> None:
    """One question, in words of its own, and its answer."""
    asked = f"{_ASKED} ({name})"
    await telephone.get_by_label("Message", exact=True).fill(asked)
    await telephone.get_by_role("button", name="Send").click()
    await console.goto(f"{url}/inbox/all")
    await console.get_by_text(asked).first.click()
    await console.get_by_role("button", name="Take", exact=True).click()
    # The ticket alone, without the list beside it.
    ticket = console.url
    await console.locator("[contenteditable=true]").fill(_ANSWER)
    await console.get_by_role("button", name="Send", exact=True).click()
    await expect(telephone.get_by_role("log").get_by_text(_ANSWER)).to_be_visible()
    await expect(console.get_by_role("log").get_by_text(_ANSWER)).to_be_visible()
    await console.goto(ticket.replace("/inbox/all/", "/tickets/"))
    await expect(console.get_by_text(_ANSWER).first).to_be_visible()


async def _speak(telephone: Page, console: Page, url: str) -> None:
    """A call that is answered in the console itself."""
    await console.context.grant_permissions(["microphone"])
    await console.goto(f"{url}/profile")
    choice = console.get_by_label("Your telephone")
    await choice.select_option(label="This console, in the browser")
    await console.get_by_role("button", name="Save", exact=True).first.click()
    await expect(console.get_by_text("Telephone ready")).to_be_visible()
    await console.goto(f"{url}/work")
    await console.get_by_role("button", name="Become available").click()
    handset = telephone.get_by_label(_CLIENT)
    await handset.get_by_role("button", name="Call the shop").click()
    await console.get_by_role("button", name="Accept").click()
    card = console.get_by_role("article", name="Call with")
    await expect(card.get_by_text("In a call", exact=True)).to_be_visible()


def _work() -> int:
    debian.ensure_browser()
    asyncio.run(_take_all())
    return 0


if __name__ == "__main__":
    main(_work)
