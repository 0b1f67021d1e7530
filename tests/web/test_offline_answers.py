"""Answers written without a line: kept in the browser, sent once and in order when it is back."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from channels.envelope import Party
from tests.chromium import running_chromium
from tests.desk.scripted import mail
from tests.web.test_routing_pages import opened
from tests.web.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

SENDING = "**/api/v1/tickets/*/messages"
INTERCEPTED: Any = {"service_workers": "block"}
"""What passes a service worker, Playwright's routes do not see."""
WAITS = "Not sent yet: it leaves by itself when the connection is back."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with running_chromium() as browser:
        yield browser


async def ticket_of(world: World, name: str) -> str:
    """A ticket of its own for one test, from one client."""
    sender = Party(handle=f"{name}@client.example", name=name.title())
    seen = await world.arrives(world.north, name, f"I ask about {name}", sender=sender)
    return str(seen["ticket"]["id"])


async def said_on(world: World, ticket_id: str) -> list[str]:
    ticket = await world.admin.get(f"tickets/{ticket_id}")
    return [one["text"] for one in ticket["messages"] if one["kind"] == "outbound"]


async def say(page: Page, words: str) -> None:
    await page.get_by_role("textbox", name="Reply").click()
    await page.keyboard.type(words)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("article.outbound", has_text=words)).to_be_visible()
    await expect(page.get_by_role("textbox", name="Reply")).to_have_text("")


async def fail(route: Route) -> None:
    await route.abort("internetdisconnected")


async def test_answers_written_offline_leave_once_and_in_order(
    world: World, chromium: Browser
) -> None:
    ticket_id = await ticket_of(world, "ordered")
    words = ["First without a line", "Second without a line", "Third without a line"]
    async with opened(chromium, world.admin, f"tickets/{ticket_id}") as page:
        await expect(page.get_by_role("textbox", name="Reply")).to_be_visible()
        await page.context.set_offline(offline=True)
        for one in words:
            await say(page, one)
        await expect(page.get_by_text(WAITS)).to_have_count(3)
        await expect(page.get_by_text("3 answers wait in this browser")).to_be_visible()
        assert await said_on(world, ticket_id) == []

        await page.context.set_offline(offline=False)
        await expect(page.get_by_text(WAITS)).to_have_count(0)
        await expect(page.get_by_text("wait in this browser")).to_have_count(0)
        await expect(page.locator("article.outbound")).to_have_count(3)

    assert await said_on(world, ticket_id) == words


async def test_an_answer_that_waits_outlives_a_reload(world: World, chromium: Browser) -> None:
    ticket_id = await ticket_of(world, "reloaded")
    async with opened(chromium, world.admin, f"tickets/{ticket_id}", **INTERCEPTED) as page:
        await page.route(SENDING, fail)
        await say(page, "Written before the reload")
        await expect(page.get_by_text(WAITS)).to_be_visible()
        await page.reload()
        await expect(page.get_by_text(WAITS)).to_be_visible()
        await expect(page.get_by_role("textbox", name="Reply")).to_have_text("")
        await expect(page.locator("article.outbound")).to_have_count(1)
        await page.unroute(SENDING)
        async with page.expect_response(SENDING):
            await page.goto(f"{world.admin.url}/work")

        await expect(page.get_by_text("waits in this browser")).to_have_count(0)

    assert await said_on(world, ticket_id) == ["Written before the reload"]


async def test_an_answer_whose_receipt_was_lost_is_not_sent_again(
    world: World, chromium: Browser
) -> None:
    ticket_id = await ticket_of(world, "doubted")
    lost = asyncio.Event()

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort("connectionreset")
        lost.set()

    async with opened(chromium, world.admin, f"tickets/{ticket_id}", **INTERCEPTED) as page:
        await page.route(SENDING, lose, times=1)
        await say(page, "Taken, but nobody heard")
        await asyncio.wait_for(lost.wait(), 20)
        await page.evaluate("window.dispatchEvent(new Event('online'))")
        await expect(page.get_by_text(WAITS)).to_have_count(0)
        await expect(page.locator("article.outbound")).to_have_count(1)

    assert await said_on(world, ticket_id) == ["Taken, but nobody heard"]


async def test_when_the_client_wrote_meanwhile_the_agent_decides(
    world: World, chromium: Browser
) -> None:
    ticket_id = await ticket_of(world, "overtaken")
    sender = Party(handle="overtaken@client.example", name="Overtaken")
    async with opened(chromium, world.admin, f"tickets/{ticket_id}", **INTERCEPTED) as page:
        await page.route(SENDING, fail)
        await say(page, "An answer to the first question")
        await say(page, "And one more word")
        await expect(page.get_by_text(WAITS)).to_have_count(2)
        account, claim = UUID(world.north.account), UUID(ticket_id)
        more = mail(account, "more", "And?", sender=sender, ticket_claim=claim)
        await world.deliver(more)
        await page.unroute(SENDING)
        await page.evaluate("window.dispatchEvent(new Event('online'))")
        await expect(page.get_by_text("Not sent: the client wrote meanwhile.")).to_be_visible()
        assert await said_on(world, ticket_id) == []

        await page.get_by_role("button", name="Send anyway").click()
        first = page.locator("article.outbound", has_text="An answer to the first")
        await expect(first.get_by_text("Not sent")).to_have_count(0)
        second = page.locator("article.outbound", has_text="And one more word")
        await expect(second.get_by_text("the client wrote meanwhile")).to_be_visible()
        await second.get_by_role("button", name="Take back").click()
        await expect(page.get_by_role("textbox", name="Reply")).to_have_text("And one more word")

    assert await said_on(world, ticket_id) == ["An answer to the first question"]
