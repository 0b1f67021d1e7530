"""Routing set up by clicking and typing, and a conversation wrapped up by keys."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.chromium import PATIENCE_MS, running_chromium
from tests.desk_api import DeskApi
from tests.web.axe import findings
from tests.web.test_pages import DESK, PHONE
from tests.web.world import World
from web.session import COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with running_chromium() as browser:
        yield browser


@asynccontextmanager
async def opened(browser: Browser, who: DeskApi, path: str, **more: Any) -> AsyncIterator[Page]:
    """A page of somebody who is signed in; a broken script fails the test."""
    cookies = {one.key: one.value for one in who._http.cookie_jar}
    options = {"viewport": DESK, "locale": "en-GB", "reduced_motion": "reduce", **more}
    context = await browser.new_context(**options)
    await context.add_cookies([{"name": COOKIE, "value": cookies[COOKIE], "url": str(who.url)}])
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    try:
        await page.goto(f"{who.url}/{path}", wait_until="load")
        yield page
    finally:
        await context.close()
    assert faults == []


async def rules_of(world: World, queue: str) -> dict[str, Any]:
    found: dict[str, Any] = await world.admin.get(f"queues/{queue}/rules")
    return found


async def set_rules(world: World, queue: str, **rules: Any) -> None:
    version = (await rules_of(world, queue))["version"]
    await world.admin.put(f"queues/{queue}/rules", {"version": version, "rules": rules})


async def test_a_skill_is_named_given_by_keys_and_asked_for_after_a_warning(
    world: World, chromium: Browser
) -> None:
    queue = world.north.queue
    async with opened(chromium, world.admin, "admin/routing") as page:
        await page.get_by_role("button", name="New skill").click()
        await page.get_by_label("Name").fill("Ukrainian")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Ukrainian")).to_be_visible()

        await page.get_by_role("link", name="Queue rules").click()
        await page.get_by_role("link", name="north").click()
        await page.get_by_label("Ask for a skill…").select_option("Ukrainian")
        await page.get_by_label("Level: Ukrainian").fill("5")
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_text("No member has “Ukrainian” at level 5.")).to_be_visible()
        await page.get_by_role("button", name="Cancel").click()
        assert (await rules_of(world, queue))["rules"]["skills"] == []

        await page.get_by_role("link", name="Agents’ skills").click()
        await page.get_by_role("button", name="Leave").click()
        await page.get_by_label("Profile: Nora").focus()
        await page.keyboard.press("ArrowRight")
        await expect(page.get_by_label("Nora: Ukrainian")).to_be_focused()
        await page.keyboard.type("7")
        await page.keyboard.press("ArrowUp")
        await expect(page.get_by_text("1 agent changed")).to_be_visible()
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_text("1 agent changed")).to_have_count(0)

        await page.goto(f"{world.admin.url}/admin/routing/rules/{queue}")
        await page.get_by_label("Ask for a skill…").select_option("Ukrainian")
        await page.get_by_label("Level: Ukrainian").fill("5")
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_text("Saved", exact=True)).to_be_visible()

    asked = (await rules_of(world, queue))["rules"]["skills"]
    assert [one["level"] for one in asked] == [5]
    await set_rules(world, queue)


async def test_an_edit_outlives_a_refusal_and_a_colleague_who_was_faster(
    world: World, chromium: Browser
) -> None:
    north, south = world.north.queue, world.south.queue
    await set_rules(world, south, overflow={"queue_id": north, "after_seconds": 60})
    async with opened(chromium, world.admin, f"admin/routing/rules/{north}") as page:
        await page.get_by_label("Goes on to").select_option("south")
        await page.get_by_label("After waiting (seconds)").fill("30")
        await page.get_by_role("button", name="Preview").click()
        await expect(page.get_by_role("alert")).to_contain_text("circle")
        await expect(page.get_by_label("After waiting (seconds)")).to_have_value("30")

        await set_rules(world, south)
        await set_rules(world, north, weight=3)
        await page.get_by_role("button", name="Save", exact=True).click()
        await page.get_by_role("button", name="Save mine over it").click()
        await expect(page.get_by_text("Saved", exact=True)).to_be_visible()

    kept = (await rules_of(world, north))["rules"]
    assert (kept["overflow"]["queue_id"], kept["weight"]) == (south, 1)
    await set_rules(world, north)


async def test_a_calendar_says_whether_it_is_open_and_its_forms_have_no_serious_finding(
    world: World, chromium: Browser
) -> None:
    wrong: list[str] = []
    async with opened(chromium, world.admin, "admin/routing/calendars") as page:
        await page.get_by_role("button", name="New calendar").click()
        await page.get_by_label("Name", exact=True).fill("Always by day")
        await page.get_by_label("Time zone").fill("Mars/Olympus")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("alert")).to_contain_text("no such time zone")
        await page.get_by_label("Time zone").fill("Europe/Kyiv")
        await page.get_by_role("button", name="Add a day").click()
        await page.locator("input[type=date]").fill("2030-01-01")
        wrong += await findings(page, "calendar")
        await page.set_viewport_size(PHONE)
        wrong += await findings(page, "calendar, phone")
        await page.set_viewport_size(DESK)
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Mon–Fri 09:00–18:00")).to_contain_text("1 special day")
        await expect(page.locator(".chip")).to_contain_text("until")

        await page.get_by_role("link", name="Profiles").click()
        await page.get_by_role("button", name="New profile").click()
        await page.get_by_label("Name", exact=True).fill("Chat first")
        await page.get_by_label("Rank: north").fill("1")
        wrong += await findings(page, "profile")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Queues in order: north")).to_be_visible()

    assert wrong == []


async def test_whoever_solves_says_how_it_ended_by_keys_and_the_supervisor_sees_it(
    world: World, chromium: Browser
) -> None:
    agent, queue = world.north.agent, world.north.queue
    await world.admin.post("dispositions", {"name": "Refund agreed", "needs_note": True})
    await set_rules(world, queue, wrap_up=True, wrap_up_seconds=3_600, needs_disposition=True)
    ticket = world.north.ids["ringing_ticket"]

    async with (
        opened(chromium, agent, f"tickets/{ticket}") as page,
        opened(chromium, world.supervisor, "floor") as floor,
    ):
        await expect(page.locator("article.inbound").first).to_be_visible()
        # Only now: what somebody has who shows no console for a minute goes back to the queue.
        await agent.post(f"contacts/{world.north.ids['contact']}/take")
        await expect(page.get_by_text("Active").first).to_be_visible()
        await page.keyboard.press("e")
        panel = page.get_by_role("region", name="Wrap-up")
        await expect(panel).to_be_visible()
        await expect(panel.get_by_role("timer")).to_contain_text("left")
        await expect(floor.get_by_text("Wrap-up").first).to_be_visible()
        assert await findings(page, "wrap-up") == []

        await page.keyboard.press("Control+Alt+f")
        await expect(panel.get_by_label("How did it end?")).to_be_focused()
        await page.keyboard.press("R")
        await page.keyboard.press("Control+Alt+f")
        await expect(panel.get_by_label("Note")).to_be_focused()
        await page.keyboard.type("30 euros")
        await page.keyboard.press("Control+Alt+f")

        await expect(panel).to_have_count(0)
        await expect(floor.get_by_text("Wrap-up")).to_have_count(0)
    (ended,) = (await world.admin.get("contacts", state="closed", queue_id=queue))["items"][-1:]
    assert ended["ended_at"] is not None
    await set_rules(world, queue)
