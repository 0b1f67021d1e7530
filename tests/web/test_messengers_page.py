"""Messengers are connected, tried and changed by clicking; the composer says what they carry."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from contact_center.app import open_center
from contact_center.settings import Settings
from kernel.clock import SystemClock
from tests.chromium import PATIENCE_MS, running_chromium
from tests.desk_api import DeskApi, serving
from tests.ports import free_port
from tests.simulators.custom import SECRET, running_custom, written
from tests.simulators.telegram import TOKEN, TelegramServer, running_telegram
from tests.simulators.twilio import TwilioServer, running_twilio
from tests.simulators.twilio_gate import ACCOUNT, NUMBER
from tests.simulators.twilio_gate import TOKEN as AUTH_TOKEN
from tests.web.axe import findings
from tests.web.test_pages import DESK, PHONE
from web.session import COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with running_chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(
    chat_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[DeskApi]:
    """An administrator of a center that may reach the simulator, one for this module."""
    data_dir = tmp_path_factory.mktemp("telegram") / "var"
    shutil.copytree(chat_template, data_dir)
    settings = Settings(data_dir=data_dir, listen_port=free_port(), allow_private_hosts=True)
    async with open_center(settings, SystemClock()) as center, serving(center) as api:
        yield api


@pytest_asyncio.fixture(loop_scope="module")
async def telegram() -> AsyncIterator[TelegramServer]:
    async with running_telegram() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def twilio() -> AsyncIterator[TwilioServer]:
    async with running_twilio() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def page(chromium: Browser, office: DeskApi) -> AsyncIterator[Page]:
    cookies = {one.key: one.value for one in office._http.cookie_jar}
    context = await chromium.new_context(locale="en-GB", reduced_motion="reduce", viewport=DESK)
    await context.add_cookies([{"name": COOKIE, "value": cookies[COOKIE], "url": str(office.url)}])
    opened = await context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    await context.close()


async def test_a_bot_is_connected_tested_and_changed_by_clicking(
    page: Page, office: DeskApi, telegram: TelegramServer
) -> None:
    await page.goto(f"{office.url}/admin/messengers", wait_until="load")
    await page.get_by_role("button", name="Connect a messenger").click()
    form = page.get_by_role("dialog")
    await form.get_by_text("More settings").click()
    await form.get_by_label("Bot API server").fill(telegram.url)
    await form.get_by_label("Bot token").fill("123456789:" + "x" * 35)
    await form.get_by_role("button", name="Test connection").click()
    await expect(form.get_by_text("Telegram does not know this token")).to_be_visible()
    wrong = await findings(page, "dialog")
    await page.emulate_media(color_scheme="dark")
    wrong += await findings(page, "dialog, dark", "color-contrast")
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size(PHONE)
    wrong += await findings(page, "dialog, phone")
    wide = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    await page.set_viewport_size(DESK)

    await form.get_by_label("Bot token").fill(TOKEN)
    await form.get_by_role("button", name="Test connection").click()
    await expect(form.get_by_text("Shop (@shop_bot)")).to_be_visible()
    await form.get_by_label("Name in the console").fill("Our bot")
    await form.get_by_role("button", name="Save").click()
    row = page.get_by_role("listitem").filter(has_text="Our bot")
    await expect(row.get_by_text("Connected")).to_be_visible()
    await expect(row.get_by_text("@shop_bot")).to_be_visible()

    await row.get_by_role("button", name="Edit").click()
    await form.get_by_label("Name in the console").fill("Shop bot")
    await form.get_by_role("button", name="Save").click()
    renamed = page.get_by_role("listitem").filter(has_text="Shop bot")
    await expect(renamed.get_by_text("Connected")).to_be_visible()
    assert TOKEN not in await page.content()
    assert wrong == []
    assert not wide


async def test_a_number_is_connected_and_tested_by_clicking(
    page: Page, office: DeskApi, twilio: TwilioServer
) -> None:
    await page.goto(f"{office.url}/admin/messengers", wait_until="load")
    await page.get_by_role("button", name="Connect a messenger").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Messenger", exact=True).select_option("SMS")
    await form.get_by_text("More settings").click()
    await form.get_by_label("Server").fill(twilio.url)
    await form.get_by_label("Rate per second").fill("50")
    await form.get_by_label("Account SID").fill(ACCOUNT)
    await form.get_by_label("Auth Token").fill("x" * 32)
    await form.get_by_label("Number", exact=True).fill(NUMBER)
    await form.get_by_role("button", name="Test connection").click()
    await expect(form.get_by_text("does not know this account and token")).to_be_visible()
    await form.get_by_label("Auth Token").fill(AUTH_TOKEN)
    await form.get_by_role("button", name="Test connection").click()
    await expect(form.get_by_text("Everything works.")).to_be_visible()
    wrong = await findings(page, "number dialog")
    await form.get_by_label("Name in the console").fill("Shop number")
    await form.get_by_role("button", name="Save").click()
    row = page.get_by_role("listitem").filter(has_text="Shop number")
    await expect(row.get_by_text("Connected")).to_be_visible()
    assert AUTH_TOKEN not in await page.content()
    assert wrong == []


async def _written_by(office: DeskApi, twilio: TwilioServer, kind: str, **sender: str) -> str:
    """Connect a number and let a client write to it; return the address of the ticket."""
    settings = {"account_sid": ACCOUNT, "number": NUMBER, "api_url": twilio.url}
    body = {"kind": kind, "name": f"Our {kind}", "settings": {**settings, "per_second": 50.0}}
    made = await office.connect({**body, "secrets": {"auth_token": AUTH_TOKEN}})
    twilio.hook_url = str(office.url / "hooks" / kind / made["public_key"])
    async with office.live() as live:
        assert await twilio.write("Where is my parcel?", **sender) == 200
        opened = await live.next("TicketOpened")
    return f"{office.url}/tickets/{opened['ticket_id']}"


async def test_the_composer_counts_segments_and_obeys_a_stop(
    page: Page, office: DeskApi, twilio: TwilioServer
) -> None:
    await page.goto(await _written_by(office, twilio, "sms"), wait_until="load")
    field = page.get_by_role("textbox", name="Reply")
    send = page.get_by_role("button", name="Send", exact=True)
    await field.fill("ї" * 71)
    await expect(page.get_by_text("2 segments")).to_be_visible()
    await expect(page.get_by_text("63 signs left in it")).to_be_visible()
    await field.fill("On its way")
    await expect(page.get_by_text("1 segment", exact=False)).to_be_visible()
    wrong = await findings(page, "segments")
    await send.click()
    sent = await twilio.next_sent()
    await twilio.tell(sent, "delivered")
    await expect(page.get_by_text("Delivered")).to_be_visible()
    await twilio.write("STOP")
    await expect(page.get_by_text("The client asked us not to write to them here.")).to_be_visible()
    await field.fill("Still there?")
    await expect(send).to_be_disabled()
    wrong += await findings(page, "forbidden")
    await twilio.write("START")
    await expect(send).to_be_enabled()
    await send.click()
    await twilio.tell(await twilio.next_sent(), "undelivered", error=30003)
    await expect(page.get_by_text("switched off or out of reach")).to_be_visible()
    assert wrong == []


async def test_the_composer_says_until_when_whatsapp_takes_answers(
    page: Page, office: DeskApi, twilio: TwilioServer
) -> None:
    sender = {"sender": "whatsapp:+380441112233", "ProfileName": "Bo"}
    ticket = await _written_by(office, twilio, "whatsapp", **sender)

    await page.goto(f"{office.url}/admin/messengers", wait_until="load")
    row = page.get_by_role("listitem").filter(has_text="Our whatsapp")
    await row.get_by_role("button", name="Address for calls").click()
    await expect(page.get_by_role("dialog").locator("pre")).to_have_text(twilio.hook_url)
    await page.goto(ticket, wait_until="load")
    await expect(page.get_by_text("Answers are taken until")).to_be_visible()
    field = page.get_by_role("textbox", name="Reply")
    await field.fill("Hi Bo")
    await page.get_by_role("button", name="Send", exact=True).click()
    await twilio.tell(await twilio.next_sent(), "read")

    await expect(page.get_by_text("Read", exact=True)).to_be_visible()
    assert await findings(page, "window") == []


async def test_a_system_of_ones_own_is_connected_and_told_where_to_call(
    page: Page, office: DeskApi
) -> None:
    async with running_custom() as app:
        await page.goto(f"{office.url}/admin/messengers", wait_until="load")
        await page.get_by_role("button", name="Connect a messenger").click()
        form = page.get_by_role("dialog")
        await form.get_by_label("Messenger", exact=True).select_option("Custom channel")
        await form.get_by_label("Address for answers").fill(app.answers_url)
        await form.get_by_role("button", name="Make one").click()
        secret = form.get_by_label("Signing secret")
        await expect(secret).to_have_value(re.compile("^[0-9a-f]{64}$"))
        await form.get_by_role("button", name="Test connection").click()
        await expect(form.get_by_text("does not accept our signature")).to_be_visible()
        wrong = await findings(page, "custom dialog")

        await secret.fill(SECRET)
        await form.get_by_role("button", name="Test connection").click()
        await expect(form.get_by_text("Everything works.")).to_be_visible()
        await form.get_by_label("Name in the console").fill("Our app")
        await form.get_by_role("button", name="Save").click()
        address = page.get_by_role("dialog", name="Address for calls").locator("pre")
        await expect(address).to_contain_text("/hooks/custom/")
        wrong += await findings(page, "address")

        assert await app.tell(await address.inner_text(), written("Is it open today?")) == 200
        await page.keyboard.press("Escape")
        row = page.get_by_role("listitem").filter(has_text="Our app")
        await expect(row.get_by_text("Custom channel")).to_be_visible()
        tickets = (await office.get("tickets"))["items"]
    assert "Is it open today?" in [one["subject"] for one in tickets]
    assert wrong == []


async def test_the_composer_says_what_telegram_can_carry(
    page: Page, office: DeskApi, telegram: TelegramServer
) -> None:
    async with office.live() as live:
        await office.post(
            "accounts",
            {
                "kind": "telegram",
                "name": "Second bot",
                "settings": {"api_url": telegram.url},
                "secrets": {"bot_token": TOKEN},
            },
        )
        await telegram.write("Hello")
        opened = await live.next("TicketOpened")
    await page.goto(f"{office.url}/tickets/{opened['ticket_id']}", wait_until="load")
    field = page.get_by_role("textbox", name="Reply")
    send = page.get_by_role("button", name="Send", exact=True)

    await field.fill("x" * 14_000)
    await expect(page.get_by_text("14000 of 16384 characters")).to_be_visible()
    await expect(send).to_be_enabled()
    await field.fill("x" * 16_385)
    await expect(page.get_by_text("send it in parts")).to_be_visible()
    await expect(send).to_be_disabled()
    await field.fill("On its way")
    await send.click()

    assert (await telegram.next_sent()).text == "On its way"
    await expect(page.get_by_role("img", name="Telegram").first).to_be_visible()
