"""The widget and the page around it: look, place and the page's own scripts, in a real browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.channels.webchat.signing import sign
from tests.web.chat_browser import PHONE, QUIET, Shop, open_shop, write
from tests.web.chat_scene import add_widget

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]

HEARD = (
    "window.heard = []; window.contactCenter = [];"
    "for (const name of ['open', 'close', 'message', 'sent', 'unread', 'identified'])"
    " contactCenter.push(['on', name, (detail) => heard.push([name, detail])]);"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(
    chat_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shop]:
    async with open_shop(chat_template, tmp_path_factory.mktemp("page") / "var") as opened:
        yield opened


async def test_the_button_says_and_stands_as_the_administrator_chose(shop: Shop) -> None:
    widget = await shop.add_widget(
        launcher={"icon": "question", "side": 40, "bottom": 90},
        position="left",
        texts={"en": {"launcher": "Ask us"}},
        colour="#ffe14d",
        colour_dark="#3355ff",
    )
    async with shop.visit(widget, color_scheme="light") as page:
        button = page.get_by_role("button", name="Ask us, Open chat")
        await button.wait_for()
        box = await button.bounding_box()
        size = page.viewport_size

        assert box is not None
        assert size is not None
        assert (round(box["x"]), round(size["height"] - box["y"] - box["height"])) == (40, 90)
        await expect(button).to_have_css("background-color", "rgb(255, 225, 77)")
        await expect(button).to_have_css("color", "rgb(17, 20, 24)")
        await page.emulate_media(color_scheme="dark")
        await expect(button).to_have_css("background-color", "rgb(51, 85, 255)")


async def test_the_chat_can_be_a_part_of_the_page(shop: Shop) -> None:
    widget = await shop.add_widget(**QUIET)
    async with shop.visit(widget, path="&form=inline") as page:
        await write(page, "Hello from the box")

        box = await page.get_by_role("region", name="How can we help?").bounding_box()
        assert box is not None
        assert (round(box["width"]), round(box["height"])) == (420, 500)
        await expect(page.get_by_role("button", name="Open chat")).to_have_count(0)


async def test_a_page_opens_hears_and_takes_the_chat_away(shop: Shop) -> None:
    widget = await shop.add_widget(**QUIET)
    async with shop.visit(widget, script=HEARD + "contactCenter.push(['open'])") as page:
        await write(page, "Hello")
        with shop.scene.heard("MessageStateChanged", state="read") as read:
            await shop.scene.answer("Good day")
            await expect(page.get_by_text("Good day")).to_be_visible()
            await read()
        await page.evaluate("contactCenter.toggle()")
        await expect(page.get_by_role("dialog")).to_have_count(0)

        heard = [name for name, _ in await page.evaluate("heard")]
        assert heard[0] == "open"
        assert heard[-1] == "close"
        assert {"sent", "message", "unread"} <= set(heard)

        await page.evaluate("contactCenter.destroy()")
        await expect(page.locator("contact-center-chat")).to_have_count(0)
        assert await page.evaluate("window.contactCenter === undefined")


async def test_what_the_page_knows_of_the_visitor_reaches_the_agents(shop: Shop) -> None:
    widget = await shop.add_widget(**QUIET)
    told = "window.contactCenter = [['setAttributes', {plan: 'pro', orders: 3}]]"
    async with shop.visit(widget, script=told) as page:
        await page.get_by_role("button", name="Open chat").click()
        await write(page, "Hello")
        await page.evaluate("contactCenter.setAttributes({plan: null, vip: true})")
        with shop.scene.heard("MessageAdded", preview="Again") as added:
            await write(page, "Again")
            await added()

    client = await shop.scene.client_of((await shop.scene.tickets())[-1])
    assert client.attributes | {"page": ""} == {
        "page": "",
        "plan": "",
        "orders": "3",
        "vip": "yes",
    }


async def test_the_language_can_be_changed_while_one_writes(shop: Shop) -> None:
    widget = await shop.add_widget(**QUIET)
    async with shop.visit(widget) as page:
        await page.get_by_role("button", name="Open chat").click()
        await page.get_by_label("Message", exact=True).fill("half a thought")

        await page.evaluate("contactCenter.setLocale('uk')")

        await expect(page.get_by_role("dialog", name="Чим допомогти?")).to_be_visible()
        await expect(page.get_by_label("Повідомлення", exact=True)).to_have_value("half a thought")


async def test_a_signed_in_user_is_known_by_name(shop: Shop) -> None:
    widget = await add_widget(
        shop.scene.house, identity=True, allowed_domains=[], identity_required=True, **QUIET
    )
    async with shop.visit(widget, script=HEARD, viewport=PHONE) as page:
        await page.get_by_role("button", name="Open chat").click()
        await expect(page.get_by_text("Please sign in on this site")).to_be_visible()

        token = sign(shop.scene.house.clock.now(), name="Olena")
        await page.evaluate("(token) => contactCenter.identify(token)", token)

        await write(page, "It is me")
        assert ["identified", {"name": "Olena"}] in await page.evaluate("heard")


async def test_the_console_shows_a_widget_before_it_is_saved(shop: Shop) -> None:
    widget = await shop.add_widget()
    async with shop.visit(widget) as page:
        address = shop.address(widget).partition("?")[0] + "/console"
        icon = '<!doctype html><link rel="icon" href="data:,">'
        body = f'{icon}<iframe src="/demo/preview" width="900" height="700"></iframe>'
        await page.route(address, lambda route: route.fulfill(body=body, content_type="text/html"))
        await page.goto(address)
        told = await page.evaluate(f"fetch('/chat/{widget.public_key}/widget').then(a => a.json())")
        frame = page.frame_locator("iframe")
        await frame.get_by_role("heading", name="A little green").wait_for()
        for title in ("First title", "Second title"):
            await page.evaluate(
                "(info) => frames[0].postMessage({type: 'contact-center-preview',"
                " info, open: true}, location.origin)",
                {**told, "title": title},
            )
            await expect(frame.locator("h2", has_text=title)).to_be_visible()

        await expect(frame.locator("contact-center-chat")).to_have_count(1)
