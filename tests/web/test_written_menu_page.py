"""A menu for messengers is drawn, tried and saved by clicking; the thread shows who said what."""

import pytest
from playwright.async_api import Page, expect

from tests.desk_api import DeskApi
from tests.journeys import test_meta_round_trip as by_meta
from tests.journeys.test_telegram_round_trip import account as a_bot
from tests.simulators.meta import running_meta
from tests.simulators.telegram import TelegramServer
from tests.web import test_messengers_page as messengers
from tests.web.test_telephone_page import seen

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

chromium = messengers.chromium
office = messengers.office
page = messengers.page
telegram = messengers.telegram


async def draw(page: Page) -> None:
    """A greeting, then a menu: sales, which leads to their queue, and the opening hours."""
    place = page.get_by_role("form", name="This place")
    tree = page.get_by_role("region", name="The way of a conversation")
    await place.get_by_label("Says · English").fill("Welcome to the shop.")
    await tree.get_by_role("button", name="Add a place here: Then Queue").click()
    await page.get_by_role("menuitem", name="Menu").click()
    await place.get_by_label("Says · English").fill("What is it about?")
    await page.get_by_label("Shop bot").check()
    await expect(tree.get_by_text("A button has no words")).to_be_visible()
    await place.get_by_label("Button 1 · English").fill("Sales")
    await place.get_by_role("button", name="Add a key").click()
    await place.get_by_label("Button 2 · English").fill("Opening hours")
    await tree.get_by_role("button", name="Add a place here: 2 · Opening hours").click()
    await page.get_by_role("menuitem", name="Announcement").click()
    await place.get_by_label("Says · English").fill("From nine to five.")
    await tree.get_by_role("button", name="Queue", exact=True).click()
    await place.get_by_label("Queue").select_option(label="Sales")
    await expect(page.get_by_text("problem")).to_have_count(0)


async def try_it(page: Page) -> None:
    tried = page.get_by_role("region", name="Try it in writing")
    await tried.get_by_role("button", name="Begin to write").click()
    await expect(tried.get_by_text("What is it about?")).to_be_visible()
    await tried.get_by_role("button", name="Opening hours").click()
    await expect(tried.get_by_text("From nine to five.")).to_be_visible()
    await tried.get_by_label("Answer", exact=True).fill("I need help")
    await tried.get_by_role("button", name="Send the answer").click()
    await expect(tried.get_by_text("it is left to an agent")).to_be_visible()
    await tried.get_by_role("button", name="Sales").click()
    await expect(tried.get_by_text("Waits in: Sales")).to_be_visible()


async def test_a_menu_is_drawn_tried_served_and_seen_in_the_thread(
    page: Page, office: DeskApi, telegram: TelegramServer
) -> None:
    bot = await office.connect(a_bot(telegram))
    await office.post("queues", {"name": "Sales"})
    await page.goto(f"{office.url}/admin/messengers", wait_until="load")
    await page.get_by_role("link", name="Greeting and menu").click()

    await draw(page)
    await try_it(page)
    wrong = await seen(page, "written-flow", phone=True)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved")).to_be_visible()

    async with office.live() as live:
        await telegram.write("Hello")
        opened = await live.next("TicketOpened")
        asked = await telegram.next_sent()
        await telegram.write("1")
        await live.next("QueueChosen")
        await telegram.next_sent()
    await page.goto(f"{office.url}/tickets/{opened['ticket_id']}", wait_until="load")
    menu = page.get_by_role("article").filter(has_text="What is it about?")
    await expect(menu.get_by_text("From the center")).to_be_visible()
    await expect(menu.get_by_role("list", name="Buttons")).to_contain_text("Opening hours")
    await expect(page.get_by_role("article").get_by_text("Chose: Sales")).to_be_visible()
    wrong += await seen(page, "written-thread")

    flow = await office.get(f"accounts/{bot['id']}/flow")
    assert flow["serves"] == [bot["id"]]
    assert [words for words, _ in asked.buttons] == ["Sales", "Opening hours"]
    assert wrong == []


async def test_what_a_messenger_does_not_carry_stands_beside_it_and_can_be_saved(
    page: Page, office: DeskApi
) -> None:
    async with running_meta("instagram") as server:
        await by_meta.connected(office, server, "instagram")
        accounts = await office.get("accounts")
        account = next(one["id"] for one in accounts if one["kind"] == "instagram")
        await page.goto(f"{office.url}/admin/telephone/{account}/flow", wait_until="load")
        place = page.get_by_role("form", name="This place")
        tree = page.get_by_role("region", name="The way of a conversation")

        await place.get_by_label("Says · English").fill("Вітаємо. " * 100)
        await page.get_by_label("Shop", exact=True).check()
        await expect(tree.get_by_text("bytes, and Instagram carries 1000")).to_be_visible()
        wrong = await seen(page, "written-flow-warned", phone=True)
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Saved")).to_be_visible()
        await expect(tree.get_by_text("It goes in parts there")).to_be_visible()

    assert wrong == []
