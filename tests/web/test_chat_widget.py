"""The widget in a real browser, on a page with the strictest policy."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer, unused_port
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page, expect

from contact_center.app import open_center
from kernel.clock import SystemClock
from tests.chromium import running_chromium
from tests.web.chat_scene import Scene, add_widget, furnished, png, settings_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NO_NETWORK = "net::ERR_INTERNET_DISCONNECTED"
PHONE = {"width": 390, "height": 780}


@pytest.fixture
async def chromium() -> AsyncIterator[Chromium]:
    async with running_chromium() as browser:
        yield browser


@pytest.fixture
async def shop(chat_template: Path, tmp_path: Path) -> AsyncIterator[Scene]:
    """A center that is reached at its public address, so that its own pages are its own."""
    port = unused_port()
    data_dir = tmp_path / "var"
    furnished(chat_template, data_dir)
    settings = settings_for(data_dir, public_url=f"http://127.0.0.1:{port}")
    async with (
        open_center(settings, SystemClock()) as center,
        TestClient(TestServer(center.site, port=port)) as client,
    ):
        widget = await add_widget(center.house, allowed_domains=[])
        yield Scene(center.house, client, widget)


@asynccontextmanager
async def visit(
    chromium: Chromium, shop: Scene, *, lang: str = "en", **options: Any
) -> AsyncIterator[Page]:
    """Open the demonstration shop; whatever the page's policy blocks fails the test."""
    context = await chromium.new_context(locale=lang, **options)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    # The shadow root is closed to pages; tests look in through this one opening.
    await page.add_init_script(
        "const attach = Element.prototype.attachShadow;"
        "Element.prototype.attachShadow = function (init) {"
        " return attach.call(this, { ...init, mode: 'open' }) }"
    )
    await page.goto(str(shop.client.make_url(f"/demo/{shop.widget.public_key}?lang={lang}")))
    yield page
    assert [one for one in complaints if NO_NETWORK not in one] == []
    await context.close()


async def start_talking(page: Page) -> None:
    await page.get_by_role("button", name="Open chat").click()
    await page.get_by_label("Your name").fill("Olena")
    await page.get_by_label("Your e-mail").fill("olena@example.com")
    await page.get_by_role("button", name="Start the conversation").click()


async def test_a_visitor_asks_and_reads_the_answer(chromium: Chromium, shop: Scene) -> None:
    async with visit(chromium, shop) as page:
        await start_talking(page)
        field = page.get_by_label("Message", exact=True)
        await expect(field).to_be_focused()
        await field.fill("Is the monstera safe for cats?")
        await field.press("Enter")
        await expect(page.get_by_text("Sent", exact=True)).to_be_visible()
        assert await shop.texts() == ["Is the monstera safe for cats?"]

        with shop.heard("MessageStateChanged", state="read") as read:
            await shop.answer("Sadly not: https://plants.example/monstera")
            await expect(page.get_by_text("Sadly not")).to_be_visible()
            await read()

        await expect(page.get_by_role("link", name="plants.example")).to_have_attribute(
            "rel", "noopener noreferrer nofollow ugc"
        )


async def test_history_stands_there_after_a_reload_and_what_is_new_is_counted(
    chromium: Chromium, shop: Scene
) -> None:
    async with visit(chromium, shop) as page:
        await start_talking(page)
        await page.get_by_label("Message", exact=True).fill("Hello")
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_text("Sent", exact=True)).to_be_visible()
        await page.reload()
        await page.get_by_role("button", name="Open chat").wait_for()

        await shop.answer("Good day")

        opener = page.get_by_role("button", name="Open chat, 1 unread message")
        await expect(opener).to_be_visible()
        await opener.click()
        await expect(page.get_by_text("Good day")).to_be_visible()
        await expect(page.get_by_text("Hello", exact=True)).to_have_count(1)


async def test_words_written_without_a_network_arrive_once_when_it_is_back(
    chromium: Chromium, shop: Scene
) -> None:
    async with visit(chromium, shop) as page:
        await start_talking(page)
        field = page.get_by_label("Message", exact=True)
        await field.fill("first")
        await field.press("Enter")
        await expect(page.get_by_text("Sent", exact=True)).to_be_visible()
        await page.context.set_offline(offline=True)
        shop.house.visitors.close()
        await field.fill("second")
        await field.press("Enter")
        await expect(page.get_by_text("Sending…")).to_be_visible()

        assert await shop.texts() == ["first"]
        await page.context.set_offline(offline=False)

        await expect(page.get_by_text("Sending…")).to_have_count(0, timeout=15_000)
        assert await shop.texts() == ["first", "second"]


async def test_a_picture_is_shown_although_the_page_allows_no_foreign_images(
    chromium: Chromium, shop: Scene
) -> None:
    async with visit(chromium, shop) as page:
        await start_talking(page)
        await page.locator("input[type=file]").set_input_files(
            {"name": "leaf.png", "mimeType": "image/png", "buffer": png(40, 30)}
        )
        await page.get_by_role("button", name="Send").click()

        await expect(page.locator("button.picture canvas")).to_be_visible()
        await expect(page.get_by_text("Sent", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("lang", "opener", "title"),
    [
        ("en", "Open chat", "How can we help?"),
        ("uk", "Відкрити чат", "Чим допомогти?"),
        ("ru", "Открыть чат", "Чем помочь?"),
    ],
)
async def test_the_shop_and_its_chat_speak_three_languages(
    chromium: Chromium, shop: Scene, lang: str, opener: str, title: str
) -> None:
    async with visit(chromium, shop, lang=lang, viewport=PHONE) as page:
        await page.get_by_role("button", name=opener).click()

        await expect(page.get_by_role("dialog", name=title)).to_be_visible()
        panel = await page.get_by_role("dialog").bounding_box()
        assert panel is not None
        assert (round(panel["width"]), round(panel["height"])) == (390, 780)


async def test_the_chat_is_reached_by_keyboard_alone(chromium: Chromium, shop: Scene) -> None:
    async with visit(chromium, shop) as page:
        opener = page.get_by_role("button", name="Open chat")
        await opener.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Your name")).to_be_focused()

        await page.keyboard.press("Escape")

        await expect(page.get_by_role("dialog")).to_have_count(0)
        await expect(opener).to_be_focused()
