"""The first hour and the daily work, by clicking: from the setup link to a client's mailbox."""

import re
from collections.abc import AsyncIterator
from email import message_from_bytes

import pytest
from playwright.async_api import Page, expect

from contact_center.app import Center
from tests.desk_api import PASSWORD, DeskApi, serving
from tests.journeys.test_mail_round_trip import account, mail
from tests.simulators.mail_servers import Dovecot, SmtpServer

pytestmark = pytest.mark.browser

OPEN_SHADOWS = (
    "const attach = Element.prototype.attachShadow;"
    "Element.prototype.attachShadow = function (init) {"
    " return attach.call(this, { ...init, mode: 'open' }) }"
)
"""The widget's shadow root is closed to pages; tests look in through this one opening."""


@pytest.fixture
def database_url(tmp_path: object) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/center.db"


@pytest.fixture
async def empty_desk(center: Center) -> AsyncIterator[DeskApi]:
    async with serving(center, empty=True) as api:
        yield api


async def sign_in(page: Page, desk: DeskApi, email: str = "olena@wonder.example") -> None:
    await page.goto(f"{desk.url}/")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("link", name="My work")).to_be_visible()


async def test_the_setup_link_makes_the_first_account(page: Page, empty_desk: DeskApi) -> None:
    token = empty_desk.center.house.setup_token or ""

    await page.goto(str((empty_desk.url / "setup").with_query(token=token)))
    await page.get_by_label("Name").fill("Olena")
    await page.get_by_label("E-mail").fill("olena@wonder.example")
    await page.get_by_label("Password").first.fill(PASSWORD)
    await page.locator("form button.primary").click()

    await expect(page.get_by_role("link", name="My work")).to_be_visible()
    assert empty_desk.center.house.setup_token is None


async def publish(desk: DeskApi, title: str, markdown: str) -> None:
    text = {"locale": "en", "title": title, "markdown": markdown}
    made = await desk.post("articles", {"texts": [text]})
    await desk.patch(f"articles/{made['id']}", {"version": made["version"], "state": "published"})


async def test_a_mail_is_accepted_answered_and_received_by_clicking(
    page: Page, desk: DeskApi, dovecot: Dovecot, smtp: SmtpServer
) -> None:
    await desk.post("accounts", account(dovecot, smtp))
    await publish(desk, "Late parcels", "Parcels take 3 days.")
    await publish(desk, "Opening hours", "We open at nine.")
    await desk.post(
        "canned-replies", {"shortcut": "greet", "title": "Greeting", "html": "<p>Good day!</p>"}
    )
    await sign_in(page, desk)
    await page.get_by_role("button", name="Become available").click()

    dovecot.drop("support", mail("Parcel 4711 is late. Where is my parcel?"))
    await page.get_by_role("button", name=re.compile("Accept")).first.click()

    await expect(page.get_by_text("Parcel 4711 is late").first).to_be_visible()
    editor = page.locator("[contenteditable=true]").first
    await editor.click()
    await page.keyboard.type("/")
    await expect(page.get_by_text("/greet")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(editor).to_contain_text("Good day!")
    await page.keyboard.type("It is on its way. ")
    await page.keyboard.press("Alt+1")
    await expect(editor).to_contain_text("Parcels take 3 days.")
    await page.keyboard.type(" /opening")
    await page.get_by_role("option", name="Opening hours").click()
    await expect(editor).to_contain_text("We open at nine.")
    await page.keyboard.press("Control+Enter")

    answer = message_from_bytes((await smtp.next_mail()).data)
    assert "ann@client.example" in str(answer["To"])
    text = answer.get_payload(0).get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert "It is on its way." in text
    assert "Parcels take 3 days." in text
    await expect(page.get_by_text("Sent", exact=True).first).to_be_visible()
    (ticket,) = (await desk.get("tickets"))["items"]
    assert len((await desk.get(f"tickets/{ticket['id']}"))["articles"]) == 2


async def test_a_chat_goes_from_the_bubble_to_the_console_and_back(
    page: Page, desk: DeskApi
) -> None:
    widget = await desk.post("accounts", {"kind": "webchat", "name": "Shop", "settings": {}})
    await sign_in(page, desk)
    await page.get_by_role("button", name="Become available").click()
    shop = await page.context.new_page()
    await shop.add_init_script(OPEN_SHADOWS)
    await shop.goto(str(desk.url / "demo" / widget["public_key"]))

    await shop.get_by_role("button", name="Open chat").click()
    await shop.get_by_label("Your name").fill("Marta")
    await shop.get_by_label("Your e-mail").fill("marta@client.example")
    await shop.get_by_role("button", name="Start the conversation").click()
    await shop.get_by_label("Message", exact=True).fill("Do you ship to Lviv?")
    await shop.keyboard.press("Enter")
    await page.get_by_role("button", name=re.compile("Accept")).first.click()
    await expect(page.get_by_text("Do you ship to Lviv?").first).to_be_visible()
    await page.locator("[contenteditable=true]").first.click()
    await page.keyboard.type("Yes, in two days.")
    await page.keyboard.press("Control+Enter")

    await expect(shop.get_by_text("Yes, in two days.").first).to_be_visible()
