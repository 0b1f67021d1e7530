"""A WhatsApp number is connected by clicking, and templates are filled in and sent by hand."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from contact_center.app import open_center
from contact_center.settings import Settings
from kernel.clock import SystemClock
from tests.channels.whatsapp.scene import secrets_of, settings_of
from tests.chromium import PATIENCE_MS, running_chromium
from tests.desk_api import DeskApi, serving
from tests.ports import free_port
from tests.simulators.whatsapp import WhatsAppServer, running_whatsapp, template
from tests.web.axe import findings
from tests.web.test_pages import DESK, PHONE
from web.session import COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
NEW = "380671234567"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with running_chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(
    chat_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[DeskApi]:
    """An administrator of a center that may reach the simulator, one for this module."""
    data_dir = tmp_path_factory.mktemp("whatsapp") / "var"
    shutil.copytree(chat_template, data_dir)
    port = free_port()
    settings = Settings(
        data_dir=data_dir,
        listen_port=port,
        public_url=f"http://127.0.0.1:{port}",
        allow_private_hosts=True,
    )
    async with open_center(settings, SystemClock()) as center, serving(center) as api:
        yield api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whatsapp() -> AsyncIterator[WhatsAppServer]:
    async with running_whatsapp() as server:
        server.templates = [
            template(),
            template("sale", "Знижки!", category="MARKETING"),
            template("old", "Старе", status="PAUSED"),
            template("order_ready", "Hello {{1}}, order {{2}} is ready.", language="en"),
        ]
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


async def connect(page: Page, office: DeskApi, whatsapp: WhatsAppServer) -> None:
    settings, secrets = settings_of(whatsapp), secrets_of()
    await page.goto(f"{office.url}/admin/messengers", wait_until="load")
    await page.get_by_role("button", name="Connect a messenger").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Messenger", exact=True).select_option("WhatsApp Cloud")
    await form.get_by_text("More settings").click()
    await form.get_by_label("Graph API").fill(settings["api_url"])
    await form.get_by_label("Hosts of clients’ files").fill("127.0.0.1")
    await form.get_by_label("Phone number id").fill(settings["phone_number_id"])
    await form.get_by_label("WhatsApp Business Account id").fill(settings["business_account_id"])
    await form.get_by_label("Access token").fill(secrets["access_token"])
    await form.get_by_label("App secret").fill(secrets["app_secret"])
    await form.get_by_label("Verify token").fill(secrets["verify_token"])
    await form.get_by_role("button", name="Test connection").click()
    await expect(form.get_by_text("Its templates may be read")).to_be_visible()
    await expect(form.get_by_text("Shop, +380 44 111 22 33")).to_be_visible()
    await form.get_by_label("Name in the console").fill("Our WhatsApp")
    await form.get_by_role("button", name="Save").click()
    row = page.get_by_role("listitem").filter(has_text="Our WhatsApp")

    await expect(row.get_by_text("Connected")).to_be_visible()
    assert whatsapp.hook.startswith(f"{office.url}/hooks/whatsapp_cloud/")


async def write_first(page: Page, office: DeskApi, whatsapp: WhatsAppServer) -> None:
    client = await office.post("clients", {"name": "Оксана", "phone": f"+{NEW}"})
    await page.goto(f"{office.url}/clients/{client['id']}", wait_until="load")
    await page.get_by_role("link", name="Write to this client").click()
    await page.get_by_label("Send from").select_option(label="Our WhatsApp · WhatsApp Cloud")
    await expect(page.get_by_label("Number or address")).to_have_value(f"+{NEW}")
    await page.get_by_label("Subject").fill("Your order")
    form = page.get_by_role("main")
    await form.get_by_label("Language").select_option("en")
    await form.get_by_role("button", name="order_ready").click()
    await expect(form.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    await form.get_by_label("Variable 1").fill("Oksana")
    await form.get_by_label("Variable 2").fill("77")

    await form.get_by_role("button", name="Send", exact=True).click()
    await expect(page.get_by_text("Hello Oksana, order 77 is ready.").first).to_be_visible()
    sent = await whatsapp.next_sent()
    assert (sent["to"], sent["template"]["language"]["code"]) == (NEW, "en")


async def answer_out_of_the_window(page: Page, office: DeskApi, whatsapp: WhatsAppServer) -> None:
    (ticket,) = [
        one for one in (await office.get("tickets"))["items"] if one["client_name"] == "Оксана"
    ]
    await page.goto(f"{office.url}/tickets/{ticket['id']}", wait_until="load")
    await expect(page.get_by_text("takes only approved templates now")).to_be_visible()
    await page.get_by_role("button", name="Choose a template").press("Enter")
    dialog = page.get_by_role("dialog", name="Template")
    search = dialog.get_by_label("Find a template")
    await expect(search).to_be_visible()
    await expect(dialog.get_by_role("button", name="old")).to_be_disabled()
    await expect(dialog.get_by_text("Paused")).to_be_visible()
    wrong = await findings(page, "list")
    await search.press_sequentially("замовлення")
    await dialog.get_by_role("button", name="order_ready").press("Enter")
    await expect(dialog.get_by_label("Variable 1")).to_be_focused()
    await page.keyboard.type("Оксано")
    await dialog.get_by_label("Variable 2").fill("78")
    preview = dialog.get_by_label("As the client sees it")
    await expect(preview).to_contain_text("Вітаємо, Оксано! Замовлення 78 готове.")
    wrong += await findings(page, "filled in")
    await page.set_viewport_size(PHONE)
    wrong += await findings(page, "phone", "label", "button-name")
    wide = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    await page.set_viewport_size(DESK)
    await page.emulate_media(color_scheme="dark")
    wrong += await findings(page, "dark", "color-contrast")
    await dialog.get_by_label("Variable 2").press("Enter")

    sent = await whatsapp.next_sent()
    await expect(dialog).to_be_hidden()
    await expect(page.get_by_text("Замовлення 78 готове").first).to_be_visible()
    assert sent["template"]["name"] == "order_ready"
    assert wrong == []
    assert not wide


async def see_what_is_answered(page: Page, office: DeskApi, whatsapp: WhatsAppServer) -> None:
    async with office.live() as live:
        asked = whatsapp.text("Чи є синій?")
        await whatsapp.push(asked)
        opened = await live.next("TicketOpened")
        again = whatsapp.text("Або зелений", context={"id": asked["id"]})
        await whatsapp.push(again)
        await live.next("MessageAdded", preview="Або зелений")
    await page.goto(f"{office.url}/tickets/{opened['ticket_id']}", wait_until="load")

    message = page.get_by_role("article").filter(has_text="Або зелений")
    await expect(message.get_by_text("Чи є синій?")).to_be_visible()


@pytest.mark.timeout(240)
async def test_a_number_is_connected_and_templates_are_sent_by_hand(
    page: Page, office: DeskApi, whatsapp: WhatsAppServer
) -> None:
    await connect(page, office, whatsapp)
    await write_first(page, office, whatsapp)
    await answer_out_of_the_window(page, office, whatsapp)
    await see_what_is_answered(page, office, whatsapp)
