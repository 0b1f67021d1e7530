"""The widget for everybody: axe finds nothing serious, fingers hit, and right-to-left turns it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.web.chat_browser import PHONE, QUIET, Shop, open_shop, write
from tests.web.chat_scene import png

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]

AXE = Path(__file__).parents[2] / "web" / "widget" / "node_modules" / "axe-core" / "axe.min.js"
FINDINGS = """async () => (await axe.run('contact-center-chat', {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']})).violations
  .map((one) => one.id + ': ' + one.nodes.map((node) => node.html).join(' '))"""
SMALL = """() => [...document.querySelector('contact-center-chat').shadowRoot
  .querySelectorAll('button, input:not([type=file]), textarea')]
  .filter((one) => one.getClientRects().length)
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([, box]) => box.height < 44 || box.width < 44).map(([html]) => html)"""
RULE = {"id": "hi", "seconds": 1, "texts": {"en": "May we help? [[Yes]] [[No]]"}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(
    chat_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shop]:
    async with open_shop(chat_template, tmp_path_factory.mktemp("access") / "var") as opened:
        yield opened


async def check(page: Page) -> None:
    """Nothing that axe finds, and nothing too small for a finger (WCAG 2.2, 2.5.5)."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text())
    assert await page.evaluate(FINDINGS) == []
    assert await page.evaluate(SMALL) == []


@pytest.mark.parametrize(
    "options", [{"color_scheme": "light"}, {"color_scheme": "dark", "viewport": PHONE}], ids=str
)
async def test_every_part_of_the_chat_is_for_everybody(shop: Shop, options: dict[str, Any]) -> None:
    widget = await shop.add_widget(
        greetings=[RULE], consent=True, pre_chat={"name": "required", "email": "optional"}
    )
    shop.scene.house.chat.online = True
    async with shop.visit(widget, reduced_motion="reduce", **options) as page:
        await page.get_by_role("button", name="Open chat").click()
        await check(page)
        await page.get_by_role("button", name="I agree").click()
        await page.get_by_role("button", name="Start the conversation").click()
        await expect(page.get_by_text("Please fill this in.")).to_be_visible()
        await check(page)
        await page.get_by_label("Your name").fill("Olena")
        await page.get_by_role("button", name="Start the conversation").click()
        await page.locator("input[type=file]").set_input_files(
            {"name": "leaf.png", "mimeType": "image/png", "buffer": png(60, 50)}
        )
        await write(page, "Look, https://shop.example")
        await shop.scene.answer("Lovely! [[Thanks]]")
        await expect(page.get_by_role("button", name="Thanks")).to_be_visible()
        await check(page)


async def test_a_greeting_is_for_everybody(shop: Shop) -> None:
    widget = await shop.add_widget(greetings=[RULE], **QUIET)
    shop.scene.house.chat.online = True
    async with shop.visit(widget) as page:
        await page.get_by_role("button", name="May we help?").wait_for()

        await check(page)


async def test_on_a_phone_the_keyboard_stays_in_the_open_chat(shop: Shop) -> None:
    widget = await shop.add_widget(**QUIET)
    async with shop.visit(widget, viewport=PHONE) as page:
        await page.get_by_role("button", name="Open chat").click()
        await page.get_by_label("Message", exact=True).fill("x")
        for _ in range(12):
            await page.keyboard.press("Tab")
            inside = "document.activeElement.localName === 'contact-center-chat'"
            assert await page.evaluate(inside)


async def test_on_a_page_from_right_to_left_the_chat_turns(shop: Shop) -> None:
    widget = await shop.add_widget(**QUIET)
    turned = (
        "new MutationObserver((_, watch) => { if (document.documentElement) {"
        " document.documentElement.dir = 'rtl'; watch.disconnect() } })"
        ".observe(document, { childList: true })"
    )
    async with shop.visit(widget, script=turned) as page:
        await page.get_by_role("button", name="Open chat").click()
        await write(page, "Hello")

        panel = await page.get_by_role("dialog").bounding_box()
        mine = await page.get_by_text("Hello", exact=True).bounding_box()
        assert panel is not None
        assert mine is not None
        assert panel["x"] < 100
        assert mine["x"] + mine["width"] / 2 < panel["x"] + panel["width"] / 2
