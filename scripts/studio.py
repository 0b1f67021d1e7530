"""A browser that takes pictures of the console, always in the same light."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Browser, FloatRect, Locator, Page, async_playwright

from demo.staff import PASSWORD
from scripts import debian
from scripts.shell import ROOT, say

PICTURES: Final = ROOT / "docs" / "pictures"
_WIDE: Final = {"width": 1440, "height": 860}
_PHONE: Final = {"width": 390, "height": 780}
_SETTLED_MS: Final = 500


@asynccontextmanager
async def browser(*flags: str) -> AsyncIterator[Browser]:
    """A Chromium without a window."""
    debian.ensure_browser()
    PICTURES.mkdir(exist_ok=True)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=debian.browser(), args=["--no-sandbox", *flags]
        )
        try:
            yield opened
        finally:
            await opened.close()


@asynccontextmanager
async def page(chromium: Browser, *, theme: str, phone: bool = False) -> AsyncIterator[Page]:
    """An empty page of somebody who is not signed in."""
    context = await chromium.new_context(
        viewport=_PHONE if phone else _WIDE,  # type: ignore[arg-type]
        color_scheme=theme,  # type: ignore[arg-type]
        locale="en-GB",
        reduced_motion="reduce",
    )
    # The widget's shadow root is closed to pages; the picture's hand reaches in.
    await context.add_init_script(
        "const attach = Element.prototype.attachShadow; Element.prototype.attachShadow ="
        " function (init) { return attach.call(this, { ...init, mode: 'open' }) }"
    )
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def sign_in(shown: Page, url: str, email: str) -> None:
    """Sign one of the demonstration's staff in."""
    await shown.goto(url)
    await shown.get_by_label("E-mail").fill(email)
    await shown.get_by_label("Password").fill(PASSWORD)
    await shown.get_by_role("button", name="Sign in").click()
    await shown.locator("#content").wait_for()


async def take(shown: Page, name: str, *, right_of: Locator | None = None) -> None:
    """Keep what the page shows, or only what is right of something, as a picture of the docs."""
    await shown.wait_for_load_state("networkidle")
    await shown.wait_for_timeout(_SETTLED_MS)  # what slides in has slid
    path = PICTURES / f"{name}.png"
    box = None if right_of is None else await right_of.bounding_box()
    clip = None if box is None else _right_of(box["x"] + box["width"])
    await shown.screenshot(path=path, animations="disabled", caret="hide", clip=clip)
    say(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KiB")


def _right_of(x: float) -> FloatRect:
    return {"x": x, "y": 0, "width": _WIDE["width"] - x, "height": _WIDE["height"]}
