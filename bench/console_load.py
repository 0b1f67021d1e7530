"""The first look at the console: what travels, and when it can be used; what a widget weighs.

A browser that has never been here opens a page of the console on this machine. The bytes are
those on the wire (documents, scripts, styles, fonts; no data). Interactive is the moment after the
page's heading was painted, counted from the navigation. The reference is a page of one line from
the same server.
"""

import asyncio
import gzip
from collections import Counter
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Page

from bench.ground import figures
from bench.ground.browser import chromium, console, until
from bench.ground.figures import Figure
from bench.ground.served import Served, served

ROUNDS: Final = 7
GOAL_KB: Final = 250.0
GOAL_SECONDS: Final = 1.5
WIDGET_GOAL_KB: Final = 40.0
KB: Final = 1_000
WIDGET: Final = Path(__file__).parent.parent / "web" / "static" / "widget" / "widget.js"
COUNTED: Final = ("Document", "Script", "Stylesheet", "Font", "Image", "Other")
READY: Final = """
const look = () => {
  if (window.usable) return
  const heading = document.querySelector('#content h1, pre')
  if (heading && heading.getBoundingClientRect().height) {
    window.usable = -1
    void window.painted().then((at) => (window.usable = at))
  } else setTimeout(look, 5)
}
look()"""


async def measure() -> list[Figure]:
    async with served() as server, chromium() as browser:
        usable, bare = [], []
        for _ in range(ROUNDS):
            bare.append(await _usable(browser, server, "/healthz"))
            usable.append(await _usable(browser, server, "/work"))
        weights = {path: await _weight(browser, server, path) for path in ("/work", "/inbox/all")}
    return [_bytes(weights), _interactive(usable, bare), _widget()]


def _bytes(weights: dict[str, Counter[str]]) -> Figure:
    return Figure(
        name="console_first_load",
        value=weights["/work"].total() / KB,
        unit="KB",
        n=1,
        limit=GOAL_KB,
        at_most=True,
        details={path: {**weight} for path, weight in weights.items()},
    )


def _interactive(usable: list[float], bare: list[float]) -> Figure:
    return Figure(
        name="console_interactive_p50",
        value=figures.percentile(usable, 50),
        unit="s",
        n=len(usable),
        reference=figures.percentile(bare, 50),
        limit=GOAL_SECONDS,
        at_most=True,
        details={"slowest": figures.rounded(max(usable)), "fastest": figures.rounded(min(usable))},
    )


def _widget() -> Figure:
    script = WIDGET.read_bytes()
    return Figure(
        name="widget_script",
        value=len(gzip.compress(script, 9)) / KB,
        unit="KB",
        n=1,
        limit=WIDGET_GOAL_KB,
        at_most=True,
        details={"plain_kb": figures.rounded(len(script) / KB)},
    )


async def _usable(browser: Browser, server: Served, path: str) -> float:
    async with console(browser, server, READY) as page:
        await page.goto(server.origin + path, wait_until="commit")
        await until(page, "window.usable > 0")
        return float(await page.evaluate("window.usable")) / 1e3


async def _weight(browser: Browser, server: Served, path: str) -> Counter[str]:
    """Return the bytes on the wire by their kind."""
    weights: Counter[str] = Counter()
    kinds: dict[str, str] = {}
    async with console(browser, server, READY) as page:
        line = await page.context.new_cdp_session(page)
        await line.send("Network.enable")

        def answered(event: dict[str, Any]) -> None:
            kinds[event["requestId"]] = event["type"]

        def finished(event: dict[str, Any]) -> None:
            kind = kinds.get(event["requestId"], "")
            if kind in COUNTED:
                weights[kind] += int(event["encodedDataLength"])

        line.on("Network.responseReceived", answered)
        line.on("Network.loadingFinished", finished)
        await page.goto(server.origin + path, wait_until="load")
        await until(page, "window.usable > 0")
        await _settled(page)
    return weights


async def _settled(page: Page) -> None:
    await page.evaluate("document.fonts.ready.then(() => true)")
    await asyncio.sleep(0.5)


if __name__ == "__main__":
    figures.run(measure)
