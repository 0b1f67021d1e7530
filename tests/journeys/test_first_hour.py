"""The first hour by clicking: from the setup link over four steps to one's own message."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from contact_center.app import Center
from tests.desk_api import PASSWORD, DeskApi, serving
from tests.journeys.test_console import OPEN_SHADOWS, sign_in
from tests.simulators.mail_servers import PASSWORD as MAIL_PASSWORD
from tests.simulators.mail_servers import Dovecot, SmtpServer

pytestmark = pytest.mark.browser


@pytest.fixture
def database_url(tmp_path: object) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/center.db"


@pytest.fixture
async def empty_desk(center: Center) -> AsyncIterator[DeskApi]:
    async with serving(center, empty=True) as api:
        yield api


async def make_first_account(page: Page, desk: DeskApi) -> None:
    token = desk.center.house.setup_token or ""
    await page.goto(str((desk.url / "setup").with_query(token=token)))
    await page.get_by_label("Your name").fill("Olena")
    await page.get_by_label("E-mail").fill("olena@wonder.example")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Create account").click()
    await expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()


async def write_in_the_demo_shop(browser: Browser, desk: DeskApi, key: str, text: str) -> None:
    context = await browser.new_context(locale="en-GB")
    await context.add_init_script(OPEN_SHADOWS)
    visitor = await context.new_page()
    await visitor.goto(f"{desk.url}/demo/{key}")
    await visitor.get_by_role("button", name="Open chat").click()
    await visitor.get_by_label("Your name").fill("Olena")
    await visitor.get_by_role("button", name="Start the conversation").click()
    await visitor.get_by_label("Message", exact=True).fill(text)
    await visitor.keyboard.press("Enter")
    await expect(visitor.get_by_text(text).first).to_be_visible()
    await context.close()


async def test_four_steps_lead_from_the_first_account_to_ones_own_message(
    page: Page, chromium: Browser, empty_desk: DeskApi
) -> None:
    await make_first_account(page, empty_desk)

    await page.get_by_label("Company name").fill("Blue Door")
    await page.get_by_role("button", name="Next").click()
    await page.get_by_role("button", name=re.compile("Chat widget")).click()
    await page.get_by_role("button", name="Make the widget").click()
    snippet = await page.locator("pre").inner_text()
    await page.get_by_role("button", name="Next").click()
    await page.get_by_label("Name").fill("Ivan")
    await page.get_by_label("E-mail").fill("ivan@wonder.example")
    await page.get_by_role("button", name="Add colleague").click()
    _, email, password = (await page.locator("pre").inner_text()).splitlines()
    await page.get_by_role("button", name="Next").click()
    await expect(page.get_by_text("Waiting for your message")).to_be_visible()
    key = re.search(r'data-key="([^"]+)"', snippet)
    assert key is not None
    await write_in_the_demo_shop(chromium, empty_desk, key[1], "Hello, it is me")
    await expect(page.get_by_text("It has arrived!")).to_be_visible()
    await page.get_by_role("button", name="Open it in the inbox").click()

    await page.wait_for_url("**/inbox/all/**")
    await expect(page.get_by_text("Hello, it is me").last).to_be_visible()
    rail = page.get_by_role("navigation", name="Main navigation")
    await expect(rail.get_by_text("Blue Door")).to_be_visible()
    async with DeskApi(
        empty_desk.url, empty_desk.center.house.options.public_url, empty_desk.center
    ) as ivan:
        await ivan.sign_in(email, password)
        assert ivan.me["agent"]["role"] == "agent"


async def test_a_mailbox_is_tested_for_real_before_it_is_kept(
    page: Page, desk: DeskApi, dovecot: Dovecot, smtp: SmtpServer
) -> None:
    await desk.patch("center", {"steps": ["company"]})
    await sign_in(page, desk)
    await page.goto(f"{desk.url}/welcome")
    await page.get_by_role("button", name=re.compile("Mailbox")).click()
    await page.get_by_label("Address").fill("support@wonder.example")
    await page.get_by_label("Password").fill("wrong")
    await expect(page.get_by_label("IMAP server")).to_have_value("imap.wonder.example")
    await page.get_by_label("IMAP server").fill("127.0.0.1")
    await page.get_by_label("SMTP server").fill("127.0.0.1")
    await page.get_by_text("Ports, encryption").click()
    await page.get_by_label("IMAP user").fill("support")
    await page.get_by_label("IMAP port").fill(str(dovecot.port))
    await page.get_by_label("SMTP port").fill(str(smtp.port))
    await page.get_by_label("IMAP encryption").select_option("none")
    await page.get_by_label("SMTP encryption").select_option("none")

    await page.get_by_role("button", name="Test and connect").click()
    await expect(page.get_by_text("It does not work yet.")).to_be_visible()
    kept_before = await desk.get("accounts")
    await page.get_by_label("Password").fill(MAIL_PASSWORD)
    await page.get_by_role("button", name="Test and connect").click()

    await expect(page.get_by_role("heading", name="Who answers with you?")).to_be_visible()
    (kept,) = await desk.get("accounts")
    assert kept_before == []
    assert kept["name"] == "support@wonder.example"


async def test_every_step_can_be_skipped_and_it_goes_on_where_it_was_left(
    page: Page, desk: DeskApi
) -> None:
    await sign_in(page, desk)
    await page.get_by_role("link", name="Go on").click()
    await page.get_by_role("button", name="Skip").click()
    await page.get_by_role("button", name="Skip").click()
    await expect(page.get_by_role("heading", name="Who answers with you?")).to_be_visible()

    await page.get_by_role("link", name="My work").click()
    await page.get_by_role("link", name="Go on").click()

    await expect(page.get_by_role("heading", name="Who answers with you?")).to_be_visible()
    await page.get_by_role("button", name="Skip").click()
    await page.get_by_role("button", name="Finish").click()
    await expect(page.get_by_role("heading", name="My work")).to_be_visible()
    await expect(page.get_by_role("link", name="Go on")).to_have_count(0)


async def test_the_keyboard_is_enough_on_a_phone_in_ukrainian(
    chromium: Browser, desk: DeskApi
) -> None:
    context = await chromium.new_context(
        viewport={"width": 375, "height": 720}, locale="uk-UA", color_scheme="dark"
    )
    page = await context.new_page()
    await desk.patch("me", {"locale": "uk"})
    await page.goto(f"{desk.url}/")
    await expect(page.get_by_label("Ел. пошта")).to_be_focused()
    await page.keyboard.type("olena@wonder.example")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="Продовжити")).to_be_visible()

    await page.get_by_role("link", name="Продовжити").focus()
    await page.keyboard.press("Enter")
    await page.get_by_label("Назва компанії").focus()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("Синій ґанок")
    await page.keyboard.press("Enter")

    heading = page.get_by_role("heading", name="Де пишуть клієнти?")
    await expect(heading).to_be_focused()
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not await page.evaluate(wide)
    assert (await desk.get("center"))["company"] == "Синій ґанок"
    await context.close()


async def test_sample_data_comes_and_goes_by_a_button(page: Page, desk: DeskApi) -> None:
    await sign_in(page, desk)
    await page.goto(f"{desk.url}/admin/center")

    await page.get_by_role("button", name="Add sample data").click()
    await expect(page.get_by_role("button", name="Remove sample data")).to_be_visible()
    added = await desk.get("tickets", view="all")
    await page.get_by_role("button", name="Remove sample data").click()
    await expect(page.get_by_role("button", name="Add sample data")).to_be_visible()

    assert len(added["items"]) == 10
    assert (await desk.get("tickets", view="all"))["items"] == []
