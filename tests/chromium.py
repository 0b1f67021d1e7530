"""The browser of the tests: Debian's Chromium, patient enough for a machine that does much else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Browser, async_playwright, expect

from scripts import debian

PATIENCE_MS: Final = 40_000
"""How long what must come may take; long, because a loaded machine is no failure."""
_FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=PATIENCE_MS)


@asynccontextmanager
async def running_chromium(*flags: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=debian.browser(), args=[*_FLAGS, *flags]
        )
        yield browser
        await browser.close()
