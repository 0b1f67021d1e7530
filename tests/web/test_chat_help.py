"""Help before and beside the agent: articles, quick replies and files, in a real browser."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from kernel.actor import Actor
from kernel.ids import new_id
from knowledge_base import service
from knowledge_base.service import ArticleChange
from knowledge_base.writing import write as written
from tests.web.chat_browser import QUIET, Shop, open_shop, write
from tests.web.chat_scene import Scene, png

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]

EDITOR = Actor(
    agent_id=new_id(),
    name="Ann",
    permissions=frozenset({"kb.edit", "kb.publish"}),
    team_ids=frozenset(),
)
ABOUT_WATER = """Once a week is enough.

## In winter

- Less, and **never** on the leaves, see [the shop](https://shop.example/pots).

<script>window.evil = 1</script>
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(
    chat_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shop]:
    async with open_shop(chat_template, tmp_path_factory.mktemp("help") / "var") as opened:
        await publish(opened.scene, "Watering a monstera", ABOUT_WATER, "public")
        await publish(opened.scene, "Prices of our suppliers", "Secret watering", "internal")
        yield opened


async def publish(scene: Scene, title: str, markdown: str, visibility: str) -> None:
    now = scene.house.clock.now()
    async with scene.house.database.transaction() as session:
        article_id = await service.create(
            session,
            EDITOR,
            texts=[written("en", title, markdown)],
            visibility=visibility,
            now=now,
        )
        change = ArticleChange(version=1, state="published")
        await service.edit(session, EDITOR, article_id, change, now=now)


async def test_a_visitor_finds_the_answer_alone(shop: Shop) -> None:
    widget = await shop.add_widget(**QUIET)
    async with shop.visit(widget) as page:
        await page.get_by_role("button", name="Open chat").click()
        search = page.get_by_label("Search for an answer")
        await expect(search).to_be_focused()
        await search.fill("water")
        await page.get_by_role("button", name="Watering a monstera").click()

        await expect(page.get_by_role("heading", name="In winter")).to_be_visible()
        link = page.get_by_role("link", name="the shop")
        await expect(link).to_have_attribute("href", "https://shop.example/pots")
        assert await page.evaluate("window.evil") is None
        await page.get_by_role("button", name="Back").click()
        await search.fill("suppliers")
        await expect(page.get_by_text("Nothing found")).to_be_visible()


async def test_who_finds_no_answer_writes(shop: Shop) -> None:
    widget = await shop.add_widget(**QUIET)
    async with shop.visit(widget) as page:
        await page.get_by_role("button", name="Open chat").click()
        await page.get_by_role("button", name="Watering a monstera").click()
        await page.get_by_role("button", name="This does not help").click()

        await write(page, "Its leaves are yellow")


async def test_internal_articles_do_not_exist_for_visitors(shop: Shop) -> None:
    widget = await shop.add_widget()
    dull = await shop.add_widget(articles=False)
    browser = shop.scene.browser(key=widget.public_key, origin=shop.origin)
    found = await (await browser.get("articles?q=watering")).json()
    secret = await browser.get("articles/prices-of-our-suppliers")
    off = await shop.scene.browser(key=dull.public_key, origin=shop.origin).get("articles")

    assert [one["title"] for one in found["items"]] == ["Watering a monstera"]
    assert (secret.status, off.status) == (404, 404)


async def test_a_press_answers_what_the_agent_offers(shop: Shop) -> None:
    widget = await shop.add_widget(
        articles=False, texts={"en": {"greeting": "What is it about? [[Delivery]] [[Plants]]"}}
    )
    async with shop.visit(widget) as page:
        await page.get_by_role("button", name="Open chat").click()
        await page.get_by_role("button", name="Plants", exact=True).click()
        await page.get_by_role("button", name="Start the conversation").click()
        await expect(page.get_by_text("Sent", exact=True)).to_be_visible()
        await expect(page.get_by_role("button", name="Delivery", exact=True)).to_have_count(0)
        await shop.scene.answer("Is it a monstera? [[Yes]] [[No]]")
        await page.get_by_role("button", name="Yes", exact=True).click()
        await expect(page.get_by_role("button", name="No", exact=True)).to_have_count(0)
        await expect(page.get_by_text("Sent", exact=True)).to_be_visible()

    assert (await shop.scene.texts())[-2:] == ["Plants", "Yes"]


async def test_pictures_and_texts_are_looked_at_inside_the_chat(shop: Shop) -> None:
    widget = await shop.add_widget(articles=False, **QUIET)
    async with shop.visit(widget) as page:
        await page.get_by_role("button", name="Open chat").click()
        for name, kind, data in (
            ("leaf.png", "image/png", png(40, 30)),
            ("notes.txt", "text/plain", f"water {uuid4()} daily".encode()),
        ):
            await page.locator("input[type=file]").set_input_files(
                {"name": name, "mimeType": kind, "buffer": data}
            )
            await page.get_by_role("button", name="Send").click()
            await look(page, name)

        await expect(page.get_by_role("dialog", name="notes.txt")).to_have_count(0)


async def look(page: Page, name: str) -> None:
    opener = page.get_by_role("button", name=f"View: {name}")
    await opener.click()
    overlay = page.get_by_role("dialog", name=name)
    await expect(overlay.locator("canvas" if name.endswith("png") else "pre")).to_be_visible()
    await expect(page.get_by_role("button", name="Close preview")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(opener).to_be_focused()
