"""The console in use: another page, a keystroke, a long list, a message that comes in.

A keystroke is timed from its event until the frame with the letter was painted, with a thread of
5,000 messages loaded whole. That holds the wait for the next of 60 frames a second, up to 17 ms by
itself, as does its reference: a bare text field in the same browser. The
list of 10,000 tickets is loaded whole and scrolled row by row; its reference is an empty page that
does nothing. A message is timed from the visitor's request until it was painted in the open thread.
"""

import asyncio
import time
from typing import Any, Final
from uuid import uuid4

import msgspec
from playwright.async_api import Browser, Page

from bench.ground import figures
from bench.ground.browser import chromium, console, crowded_center, until
from bench.ground.figures import Figure
from bench.ground.served import Served, add_widget, visitor_token
from bench.ground.wire import Poster

TICKETS: Final = 10_000
THREAD: Final = 5_000
LETTERS: Final = 150
LETTER_MS: Final = 60
TURNS: Final = 5
ARRIVALS: Final = 60
FRAMES: Final = 600
STEP: Final = 160
GOAL_TURN_MS: Final = 100.0
GOAL_KEY_MS: Final = 16.0
GOAL_ARRIVAL_MS: Final = 150.0
GOAL_DROPPED_PERCENT: Final = 1.0
CREATED: Final = 201

TURN: Final = """([address, seen]) => new Promise((done) => {
  const from = performance.now()
  document.querySelector(`nav a[href="${address}"]`).click()
  const look = () => {
    const there = location.pathname.startsWith(address) && document.querySelector(seen)
    if (there) void window.painted().then((at) => done(at - from))
    else setTimeout(look, 1)
  }
  look()
})"""
KEYS: Final = """() => {
  if (window.keys) return
  window.keys = []
  window.addEventListener('keydown', (event) => {
    void window.painted().then((at) => window.keys.push(at - event.timeStamp))
  }, true)
}"""
BARE_FIELD: Final = """() => {
  document.body.replaceChildren(document.createElement('textarea'))
  document.querySelector('textarea').focus()
}"""
SCROLL: Final = """([frames, step]) => new Promise((done) => {
  const list = document.querySelector('.scroller')
  let last = performance.now(), gaps = []
  const turn = (now) => {
    gaps.push(now - last)
    last = now
    if (list) list.scrollTop += step
    if (gaps.length > frames) done(gaps.slice(1))
    else requestAnimationFrame(turn)
  }
  requestAnimationFrame(turn)
})"""
WHOLE_LIST: Final = """(rows) => {
  const list = document.querySelector('.scroller')
  if (!list) return false
  list.scrollTop = list.scrollHeight
  return list.scrollHeight >= rows * 78
}"""
OLDER: Final = """() => {
  const more = document.querySelector('.older button')
  if (more && !window.asked) {
    window.asked = document.querySelectorAll('article.message').length
    more.click()
  }
  if (document.querySelectorAll('article.message').length > window.asked) window.asked = 0
  return !more
}"""
ARRIVING: Final = """() => {
  window.arrived = {}
  new MutationObserver(() => {
    for (const one of document.querySelectorAll('article.inbound .text')) {
      const mark = /mark-\\d+/.exec(one.textContent)?.[0]
      if (mark && !(mark in window.arrived)) {
        window.arrived[mark] = 0
        void window.painted().then((at) => (window.arrived[mark] = performance.timeOrigin + at))
      }
    }
  }).observe(document.body, { childList: true, subtree: true, characterData: true })
}"""
PLACES: Final = {
    "/work": "main h1",
    "/inbox/all": "section.list .rows .ticket",
    "/clients": "main h1",
    "/knowledge": "main h1",
    "/queues": "main h1",
    "/floor": "main h1",
}


async def measure() -> list[Figure]:
    async with crowded_center(TICKETS, THREAD) as (server, ticket), chromium() as browser:
        found = [await _turns(browser, server)]
        found.append(await _keys(browser, server, f"/tickets/{ticket}"))
        found.append(await _arrivals(browser, server))
    async with crowded_center(TICKETS) as (server, _), chromium() as browser:
        found.append(await _scroll(browser, server))
    return found


async def _turns(browser: Browser, server: Served) -> Figure:
    took: dict[str, list[float]] = {path: [] for path in PLACES}
    async with console(browser, server) as page:
        await page.goto(server.origin + "/profile")
        await page.wait_for_selector("main h1")
        for turn in range(TURNS + 1):
            for path, seen in PLACES.items():
                spent = float(await page.evaluate(TURN, [path, seen]))
                if turn:  # the first fetches the page's script
                    took[path].append(spent)
                await asyncio.sleep(0.3)
    every = [one for times in took.values() for one in times]
    slowest = {path: figures.rounded(max(times)) for path, times in took.items()}
    return Figure(
        name="console_route_change_p95",
        value=figures.percentile(every, 95),
        unit="ms",
        n=len(every),
        limit=GOAL_TURN_MS,
        at_most=True,
        details={
            "slowest_ms": slowest,
            "p50_ms": figures.rounded(figures.percentile(every, 50)),
        },
    )


async def _keys(browser: Browser, server: Served, path: str) -> Figure:
    async with console(browser, server) as page:
        await page.goto(server.origin + path)
        await page.wait_for_selector("[contenteditable=true]")
        opened = await _typed(page)
        await _whole_thread(page)
        whole = await _typed(page)
    async with console(browser, server) as page:
        await page.goto(server.origin + "/healthz")
        await page.evaluate(BARE_FIELD)
        bare = await _typed(page, field="textarea")
    return Figure(
        name="console_keystroke_p95",
        value=figures.percentile(whole, 95),
        unit="ms",
        n=len(whole),
        reference=figures.percentile(bare, 95),
        limit=GOAL_KEY_MS,
        at_most=True,
        details={
            "messages": THREAD,
            "p50_ms": figures.rounded(figures.percentile(whole, 50)),
            "p95_ms_as_opened": figures.rounded(figures.percentile(opened, 95)),
            "p50_ms_as_opened": figures.rounded(figures.percentile(opened, 50)),
        },
    )


async def _whole_thread(page: Page) -> None:
    started = time.perf_counter()
    await until(page, f"({OLDER})()", seconds=300)
    count = await page.evaluate("document.querySelectorAll('article.message').length")
    figures.note(f"{count} messages on the page in {time.perf_counter() - started:.0f} s")
    assert count >= THREAD, count


async def _typed(page: Page, field: str = "[contenteditable=true]") -> list[float]:
    await page.evaluate(KEYS)
    await page.focus(field)
    await page.keyboard.type("warm up. ", delay=LETTER_MS)
    await page.evaluate("window.keys = []")
    await page.keyboard.type("where is my parcel? " * (LETTERS // 20), delay=LETTER_MS)
    await asyncio.sleep(0.5)
    times: list[float] = await page.evaluate("window.keys")
    return times


async def _scroll(browser: Browser, server: Served) -> Figure:
    async with console(browser, server) as page:
        await page.goto(server.origin + "/healthz")
        idle = await page.evaluate(SCROLL, [FRAMES, 0])
        await page.goto(server.origin + "/inbox/all")
        await page.wait_for_selector(".rows .ticket")
        await page.select_option("section.list select >> nth=0", "")
        await until(page, f"({WHOLE_LIST})({TICKETS})", seconds=300)
        await page.evaluate("document.querySelector('.scroller').scrollTop = 0")
        await asyncio.sleep(1)
        gaps = await page.evaluate(SCROLL, [FRAMES, STEP])
    return Figure(
        name="console_scroll_dropped",
        value=_dropped(gaps),
        unit="% of frames",
        n=len(gaps),
        reference=_dropped(idle),
        limit=GOAL_DROPPED_PERCENT,
        at_most=True,
        details={"rows": TICKETS, "longest_ms": figures.rounded(max(gaps))},
    )


def _dropped(gaps: list[float]) -> float:
    """Return how many of a hundred frames came too late for a screen of 60 a second."""
    return 100 * sum(1 for gap in gaps if gap > 1.5 * 1_000 / 60) / len(gaps)


async def _arrivals(browser: Browser, server: Served) -> Figure:
    key = await add_widget(server)
    token = await visitor_token(server, key)
    poster = await Poster.connect(server.port)

    async def say(words: str) -> None:
        body = msgspec.json.encode({"id": str(uuid4()), "text": words})
        status = await poster.post(
            f"/chat/{key}/messages", f"Authorization: Visitor {token}\r\n", body
        )
        assert status == CREATED, status

    await say("Hello")
    newest: dict[str, Any] = await server.call("GET", "/api/v1/tickets?limit=1")
    sent: dict[str, float] = {}
    async with console(browser, server) as page:
        await page.goto(f"{server.origin}/tickets/{newest['items'][0]['id']}")
        await page.wait_for_selector("article.inbound")
        await page.evaluate(ARRIVING)
        for number in range(ARRIVALS):
            sent[f"mark-{number}"] = time.time() * 1e3
            await say(f"mark-{number} where is my parcel?")
            await asyncio.sleep(0.6)
        await until(page, f"Object.values(window.arrived).filter(Boolean).length >= {ARRIVALS}")
        seen: dict[str, float] = await page.evaluate("window.arrived")
    took = [seen[mark] - at for mark, at in sent.items()]
    return Figure(
        name="console_message_shown_p95",
        value=figures.percentile(took, 95),
        unit="ms",
        n=len(took),
        limit=GOAL_ARRIVAL_MS,
        at_most=True,
        details={"p50_ms": figures.rounded(figures.percentile(took, 50))},
    )


if __name__ == "__main__":
    figures.run(measure)
