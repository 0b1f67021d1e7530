"""Draws the pictures of the documentation anew: a real center with sample data, in a browser."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Page

from demo.center import Served, serving
from demo.staff import PASSWORD, STAFF
from demo.talking import Desk
from scripts import studio
from scripts.shell import main

_LOOKS: Final = 50
_TICKET: Final = "My aloe looks sad"


@dataclass(frozen=True, slots=True)
class Scene:
    """What the pictures show: a center and its ids."""

    url: str
    widget_key: str
    ticket_id: str
    at_desk: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its name, how it is reached, and in which themes and size it is taken."""

    name: str
    reach: Callable[[Page, Scene], Awaitable[None]]
    themes: tuple[str, ...] = ("light", "dark")
    phone: bool = False
    signed_in: bool = True


async def _inbox(page: Page, scene: Scene) -> None:
    await page.goto(f"{scene.url}/inbox/all/{scene.ticket_id}")
    await page.get_by_text("three weeks ago").last.wait_for()


async def _floor(page: Page, scene: Scene) -> None:
    await page.goto(f"{scene.url}/floor")
    await page.get_by_text("Support").first.wait_for()


async def _what_if(page: Page, scene: Scene) -> None:
    """The example day with two more agents: the same figures each time."""
    await page.goto(f"{scene.url}/what-if")
    await page.get_by_role("button", name="Two more agents").click()
    await page.get_by_role("button", name="Compare with now").click()
    await page.get_by_role("img", name="Mean wait until the answer").wait_for()


async def _welcome(page: Page, scene: Scene) -> None:
    await page.goto(f"{scene.url}/welcome")
    await page.get_by_role("button", name="Chat widget").click()
    await page.get_by_role("button", name="Make the widget").wait_for()


async def _knowledge(page: Page, scene: Scene) -> None:
    await page.goto(f"{scene.url}/knowledge")
    await page.get_by_text("Watering in winter").first.wait_for()


async def _phone(page: Page, scene: Scene) -> None:
    await page.goto(f"{scene.url}/inbox/all")
    await page.get_by_text(_TICKET).first.wait_for()


async def _widget(page: Page, scene: Scene) -> None:
    await page.goto(f"{scene.url}/demo/{scene.widget_key}")
    await page.get_by_role("button", name="Open chat").click()
    await page.get_by_role("dialog").wait_for()


SHOTS: Final = (
    Shot("inbox", _inbox),
    Shot("floor", _floor),
    Shot("what-if", _what_if),
    Shot("welcome", _welcome),
    Shot("knowledge", _knowledge, themes=("light",)),
    Shot("phone", _phone, themes=("dark",), phone=True),
    Shot("widget", _widget, themes=("light",), signed_in=False),
)


async def _draw() -> None:
    folder = Path(tempfile.mkdtemp(prefix="contact-center-pictures-"))
    try:
        async with serving(folder / "var", 0) as served, studio.browser() as chromium:
            scene = await _furnish(served)
            for shot in SHOTS:
                for theme in shot.themes:
                    await _seat(served.url, scene.at_desk)
                    await _take(chromium, scene, shot, theme)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _take(chromium: Browser, scene: Scene, shot: Shot, theme: str) -> None:
    async with studio.page(chromium, theme=theme, phone=shot.phone) as page:
        if shot.signed_in:
            await studio.sign_in(page, scene.url, STAFF[0].email)
        await shot.reach(page, scene)
        await studio.take(page, f"{shot.name}-{theme}")


async def _furnish(served: Served) -> Scene:
    """Set the center up with its staff, some at their desks, and the sample data."""
    async with Desk(served.url) as desk:
        chief, *others = STAFF
        first = {"name": chief.name, "email": chief.email, "password": PASSWORD}
        await desk.call("POST", "setup", {"token": served.setup_token, **first})
        await desk.call("PATCH", "center", {"steps": ["company"]})
        agents = await _hire(desk, others)
        await desk.call("POST", "samples", {})
        for one in others[-2:]:
            await _accept_one(served.url, one.email)
        tickets = await desk.call("GET", "tickets?view=all&limit=50")
        ticket = next(one for one in tickets["items"] if one["subject"] == _TICKET)
        widget = next(one for one in await desk.call("GET", "accounts") if one["kind"] == "webchat")
    return Scene(served.url, widget["public_key"], ticket["id"], tuple(agents[:3]))


async def _accept_one(url: str, email: str) -> None:
    """Let somebody take the first contact that rings at them, so that the floor is at work."""
    async with Desk(url) as desk:
        await desk.sign_in(email, PASSWORD)
        await desk.call("PUT", "presence", {"state": "available"})
        for _ in range(_LOOKS):
            offers = (await desk.call("GET", "work"))["offers"]
            if offers:
                await desk.call("POST", f"offers/{offers[0]['id']}/accept")
                return
            await asyncio.sleep(0.2)


async def _seat(url: str, agent_ids: tuple[str, ...]) -> None:
    """Have them available: whoever missed an offer in the last picture was sent away."""
    async with Desk(url) as desk:
        await desk.sign_in(STAFF[0].email, PASSWORD)
        for agent_id in agent_ids:
            await desk.call("PUT", f"agents/{agent_id}/presence", {"state": "available"})


async def _hire(desk: Desk, others: Any) -> list[str]:
    roles = {one["name"]: one["id"] for one in await desk.call("GET", "roles")}
    ids = []
    for one in others:
        body = {"name": one.name, "email": one.email, "password": PASSWORD}
        made = await desk.call("POST", "agents", {**body, "role_id": roles[one.role]})
        ids.append(str(made["id"]))
    return ids


def _all() -> int:
    asyncio.run(_draw())
    return 0


if __name__ == "__main__":
    main(_all)
