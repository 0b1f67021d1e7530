"""The supervisor's floor in a browser: a figure leads to its contacts, a limit that is crossed is
told, and the wall shows it all without anything to click.
"""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.web.axe import findings
from tests.web.test_pages import DESK, PHONE, chromium, opened
from tests.web.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

__all__ = ["chromium"]
ALERT_MS = 30_000


async def test_a_crossed_limit_is_told_and_a_figure_leads_to_its_contacts(
    world: World, chromium: Browser
) -> None:
    page = await opened(chromium, world, viewport=DESK)
    url = world.admin.url
    await page.goto(f"{url}/floor/limits")
    await page.get_by_role("button", name="New limit").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Queue").select_option(label="north")
    await dialog.get_by_label("Limit").select_option(label="Longest wait")
    await dialog.get_by_label("Seconds").fill("1")
    await dialog.get_by_role("button", name="Save").click()

    banner = page.get_by_role("status").get_by_role("link", name=re.compile("north Longest wait"))
    await expect(banner).to_be_visible(timeout=ALERT_MS)
    await page.get_by_role("link", name="Floor").first.click()
    card = page.get_by_role("article", name="north")
    offered = card.locator("div", has=page.get_by_text("Offered", exact=True)).last
    await expect(offered.get_by_role("link")).to_have_text(re.compile(r"^\d+$"))
    count = int(await offered.get_by_role("link").inner_text())
    await offered.get_by_role("link").click()
    await expect(page.get_by_role("heading", name="Contacts: north")).to_be_visible()
    await expect(page.locator("tbody tr")).to_have_count(count)

    await page.goto(f"{url}/floor/wall")
    await expect(page.get_by_text("Longest wait").first).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page).to_have_url(f"{url}/floor")

    await page.get_by_role("link", name="Limits and alerts").click()
    await page.get_by_role("button", name=re.compile("^Remove: north")).click()
    await (
        page.get_by_role("alertdialog")
        .or_(page.get_by_role("dialog"))
        .get_by_role("button", name="Remove")
        .click()
    )
    await expect(banner).to_have_count(0, timeout=ALERT_MS)
    await page.context.close()


async def test_a_report_shows_its_chart_and_gives_its_sheet(
    world: World, chromium: Browser
) -> None:
    page = await opened(chromium, world, viewport=DESK)
    await page.goto(f"{world.admin.url}/floor/reports")
    await expect(page.get_by_role("img", name="Contacts by interval and outcome")).to_be_visible()

    async with page.expect_download() as saving:
        await page.get_by_role("link", name="CSV").click()

    sheet = (await (await saving.value).path()).read_text(encoding="utf-8-sig")
    assert sheet.startswith("start,minutes,queue,channel,offered")
    assert "north" in sheet
    await page.context.close()


async def test_contacts_behind_a_figure_are_moved_together_and_an_agent_is_told_why(
    world: World, chromium: Browser
) -> None:
    one = await world.arrives(world.south, "steered-1", "Both of us", subject="steered")
    two = await world.arrives(world.south, "steered-2", "wait", subject="steered")
    numbers = [each["ticket"]["number"] for each in (one, two)]
    page = await opened(chromium, world, viewport=DESK)
    await page.goto(f"{world.admin.url}/floor/contacts?queue={world.south.queue}&outcome=waiting")
    for number in numbers:
        await page.get_by_role("checkbox", name=f"Choose #{number}").check()
    toolbar = page.get_by_role("toolbar", name="Chosen contacts")
    await expect(toolbar).to_contain_text("2 chosen")
    wrong = await findings(page, "steering")
    await page.set_viewport_size(PHONE)
    wrong += await findings(page, "steering, phone")
    await page.set_viewport_size(DESK)
    # One of them ends meanwhile: it is named with the reason, and the other is moved.
    await world.admin.post(f"contacts/{two['contact']['id']}/close")
    await toolbar.get_by_role("button", name="Move to queue").press("Enter")
    await page.get_by_role("menuitem", name="north").press("Enter")

    await expect(page.get_by_text("Done: 1 of 2")).to_be_visible()
    moved = await world.admin.get(f"tickets/{one['ticket']['id']}")
    assert moved["contact"]["queue_id"] == world.north.queue

    await page.goto(f"{world.admin.url}/floor")
    await page.get_by_role("button", name="Set presence of Sam").click()
    await page.get_by_role("menuitem", name="With a reason or a note").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Reason").select_option(label="Training")
    await dialog.get_by_label("Note to the agent").fill("Room 4, please")
    wrong += await findings(page, "presence")
    await page.emulate_media(color_scheme="dark")
    wrong += await findings(page, "presence, dark", "color-contrast")
    async with world.south.agent.live() as live:
        await dialog.get_by_role("button", name="Set", exact=True).click()
        told = await live.next("Notified", event="forced")
    assert (told["data"]["detail"], wrong) == ("Room 4, please", [])
    await world.admin.post(f"contacts/{one['contact']['id']}/close")
    await world.south.agent.available()
    await page.context.close()


async def test_a_waiting_client_is_to_be_called_back_and_stands_in_the_list_of_the_queue(
    world: World, chromium: Browser
) -> None:
    sam = world.south.agent.me["agent"]["id"]
    await world.supervisor.put(f"agents/{sam}/presence", {"state": "away"})
    ticket = await world.arrives(world.south, "callback-1", "Call me", subject="Please call")
    number = ticket["ticket"]["number"]
    page = await opened(chromium, world, viewport=DESK)
    await page.goto(f"{world.admin.url}/floor")
    row = page.locator("li.contact", has_text="Please call")
    await row.get_by_role("button", name="Call back").press("Enter")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Number").fill("+380 44 123")
    await dialog.get_by_label("Note").fill("in Ukrainian")
    wrong = await findings(page, "callback")
    await page.emulate_media(color_scheme="dark")
    wrong += await findings(page, "callback, dark", "color-contrast")
    await dialog.get_by_role("button", name="Call back").click()
    await expect(row).to_contain_text("+380 44 123")

    await page.goto(f"{world.admin.url}/floor/contacts?queue={world.south.queue}")
    listed = page.get_by_role("region", name="To be called back")
    await expect(listed).to_contain_text(re.compile(rf"#{number} .*No\. \d+, probably in"))
    await page.set_viewport_size(PHONE)
    wrong += await findings(page, "callbacks, phone")
    await page.emulate_media(color_scheme="light")
    wrong += await findings(page, "callbacks", "color-contrast")
    assert wrong == []

    await listed.get_by_role("button", name="Do not call").click()
    sure = page.get_by_role("alertdialog").or_(page.get_by_role("dialog"))
    await sure.get_by_role("button", name="Do not call back").click()
    await expect(listed).to_have_count(0)
    await world.admin.post(f"contacts/{ticket['contact']['id']}/close")
    await world.south.agent.available()
    await page.context.close()


async def test_whom_nobody_can_serve_stands_on_the_floor_until_moved_there(
    world: World, chromium: Browser
) -> None:
    queue = await world.admin.post("queues", {"name": "Nobody's desk", "member_ids": []})
    ticket = await world.arrives(world.south, "lost-page", "Is anybody there?", subject="Lost one")
    contact = ticket["contact"]["id"]
    await world.admin.post(f"contacts/{contact}/move", {"queue_id": queue["id"]})
    page = await opened(chromium, world, viewport=DESK)
    await page.goto(f"{world.admin.url}/floor")
    lost = page.get_by_role("region", name="Lost and found")
    await expect(lost).to_contain_text("Lost one")
    await expect(lost.get_by_role("listitem").first).to_contain_text("there since")
    wrong = await findings(page, "lost")
    await page.emulate_media(color_scheme="dark")
    wrong += await findings(page, "lost, dark", "color-contrast")
    await page.set_viewport_size(PHONE)
    wrong += await findings(page, "lost, phone")
    await page.set_viewport_size(DESK)

    await lost.get_by_role("button", name="Move to queue").press("Enter")
    await page.get_by_role("menuitem", name="south").press("Enter")

    await expect(lost).to_have_count(0)
    moved = (await world.admin.get(f"tickets/{ticket['ticket']['id']}"))["contact"]
    assert (moved["queue_id"], wrong) == (world.south.queue, [])
    await world.admin.post(f"contacts/{contact}/close")
    await page.context.close()
