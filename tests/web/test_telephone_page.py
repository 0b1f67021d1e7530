"""Calls by clicking: they ring, one talks, holds, transfers, pauses the recording, wraps up."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.chromium import PATIENCE_MS
from tests.desk.telephone.scene import OUTSIDE, Office, open_office
from tests.desk_api import DeskApi, RefusedError
from tests.simulators.twilio_voice import Phone
from tests.web.axe import SETTLED, findings
from tests.web.test_pages import DESK, PHONE, chromium
from web.session import COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

__all__ = ["chromium"]

SAID = "Please call me back"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with open_office(tmp_path_factory.mktemp("telephone")) as opened:
        await set_rules(opened, wrap_up=True, wrap_up_seconds=3_600)
        yield opened


async def set_rules(office: Office, **rules: Any) -> None:
    queue = await office.olena.get(f"queues/{office.queue}/rules")
    body = {"version": queue["version"], "rules": {**queue["rules"], **rules}}
    await office.olena.put(f"queues/{office.queue}/rules", body)


@asynccontextmanager
async def console(
    browser: Browser, who: DeskApi, path: str, *, microphone: bool = False
) -> AsyncIterator[Page]:
    cookies = {one.key: one.value for one in who._http.cookie_jar}
    context = await browser.new_context(
        locale="en-GB", reduced_motion="reduce", viewport=DESK, color_scheme="light"
    )
    if microphone:
        await context.grant_permissions(["microphone"])
    try:
        session = {"name": COOKIE, "value": cookies[COOKIE], "url": str(who.url)}
        await context.add_cookies([session])  # type: ignore[list-item]
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        await page.goto(f"{who.url}/{path}")
        yield page
    finally:
        await context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def ivan(chromium: Browser, office: Office) -> AsyncIterator[Page]:
    """Ivan's console; whatever a test leaves on the line or on a desk is gone after it."""
    async with console(chromium, office.ivan, "work") as page:
        yield page
    for leg in list(office.sim.exchange.legs.values()):
        office.sim.exchange.end(leg, "completed" if leg.answered_at else "canceled")
    for who in (office.ivan, office.olena):
        for contact in (await who.get("work"))["contacts"]:
            with suppress(RefusedError):  # it has just ended by itself
                await who.post(f"contacts/{contact['id']}/close")


async def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, where somebody asked for pictures."""
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def seen(page: Page, name: str, *, phone: bool = False) -> list[str]:
    """Look at a page in light, dark and on a phone; return what is hard to use in it."""
    wrong = await findings(page, name)
    await picture(page, f"{name}-light")
    if phone:
        await page.set_viewport_size(PHONE)
        wrong += await findings(page, f"{name}, phone")
        wide = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        wrong += [f"{name} is wider than a phone"] * wide
        await picture(page, f"{name}-phone")
        await page.set_viewport_size(DESK)
    await page.emulate_media(color_scheme="dark")
    wrong += await findings(page, f"{name}, dark", "color-contrast")
    await picture(page, f"{name}-dark")
    await page.emulate_media(color_scheme="light")
    await page.evaluate(SETTLED)
    return wrong


def card_of(page: Page) -> Locator:
    return page.get_by_role("article", name="Call with")


async def talk(office: Office, page: Page, who: DeskApi) -> tuple[Phone, Phone]:
    """A client goes through the menu; the agent accepts in the console and answers the phone."""
    await office.only(who)
    # The keys belong to the first card: that of an earlier call is gone.
    await expect(card_of(page)).to_have_count(0)
    caller = await office.new_caller()
    await page.get_by_role("button", name="Accept").first.click()
    own = await office.phone(who)
    await own.ringing()
    await expect(page.get_by_text("Ringing your phone")).to_be_visible()
    await own.answer()
    await expect(card_of(page).get_by_text("In a call", exact=True)).to_be_visible()
    await expect(card_of(page).get_by_role("button", name="Transfer")).to_be_visible()
    await caller.until("in-progress")
    return caller, own


async def wrap_up(page: Page) -> None:
    await page.get_by_role("button", name="Finish").first.click()
    await expect(page.get_by_role("button", name="Finish")).to_have_count(0)


async def test_a_call_is_held_muted_recorded_and_wrapped_up(office: Office, ivan: Page) -> None:
    caller, own = await talk(office, ivan, office.ivan)
    card = card_of(ivan)
    wrong = await seen(ivan, "call", phone=True)

    await card.get_by_role("button", name="Hold").click()
    await caller.until("on-hold")
    await expect(card.get_by_text("Client on hold")).to_be_visible()
    wrong += await seen(ivan, "call-held")
    await ivan.keyboard.press("Control+Alt+h")
    await caller.until("in-progress")

    await card.get_by_role("button", name="Mute").click()
    await caller.until_hears()
    await expect(card.get_by_text("You are muted")).to_be_visible()
    await card.get_by_role("button", name="Unmute").click()
    await expect(card.get_by_text("You are muted")).to_have_count(0)

    await card.get_by_role("button", name="Record").click()
    await expect(card.get_by_text("Recording", exact=True)).to_be_visible()
    await caller.heard("This call is being recorded")
    await caller.until("in-progress")
    await caller.speak("I want to pay")
    await card.get_by_role("button", name="Pause recording").click()
    await expect(card.get_by_text("Recording paused")).to_be_visible()
    await caller.speak("4111 1111 1111 1111")
    wrong += await seen(ivan, "call-recording")
    await card.get_by_role("button", name="Go on recording").click()
    await expect(card.get_by_text("Recording", exact=True)).to_be_visible()

    await card.get_by_role("button", name="Hang up").click()
    await caller.until("completed")
    await own.until("completed")
    await wrap_up(ivan)
    (kept,) = office.sim.exchange.recordings.values() or [None]
    assert kept is None or kept.words == ["I want to pay"]
    entry = ivan.get_by_role("article").filter(has_text="Incoming call")
    await expect(entry.get_by_text("answered")).to_be_visible()
    wrong += await seen(ivan, "call-entry", phone=True)
    assert office.sim.faults == []
    assert wrong == []


async def known_caller(office: Office, locale: str) -> str:
    """Let somebody call once; return their number, from which they are known to speak this."""
    async with office.olena.live() as live:
        caller = await office.new_caller()
        queued = await live.next("ContactQueued")
        await caller.hang_up()
        await live.next("ContactEnded")
    client = await office.olena.get(f"clients/{queued['client_id']}")
    body = {"version": client["version"], "locale": locale}
    await office.olena.patch(f"clients/{client['id']}", body)
    return caller.address


async def test_a_client_is_led_in_their_language_waits_in_line_and_is_wrapped_up(
    office: Office, ivan: Page
) -> None:
    await office.only()
    made = await office.olena.post("dispositions", {"name": "Order taken", "needs_note": True})
    await set_rules(office, needs_disposition=True)
    number = await known_caller(office, "uk")
    before = await office.new_caller()
    await before.heard("You are next in line.")

    caller = await office.calls(number, "")
    await caller.heard("Щоб замовити, натисніть 1.")
    await caller.press("1")
    await caller.heard("Ваш номер у черзі — 2.")
    await before.hang_up()

    await office.only(office.ivan)
    await ivan.get_by_role("button", name="Accept").first.click()
    own = await office.phone(office.ivan)
    await own.ringing()
    await own.answer()
    await expect(card_of(ivan).get_by_text("In a call", exact=True)).to_be_visible()
    await caller.until_speaks_with(1)
    await caller.hang_up()

    panel = ivan.get_by_role("region", name="Wrap-up")
    await panel.get_by_label("How did it end?").select_option("Order taken")
    await ivan.keyboard.press("Control+Alt+f")
    await expect(panel.get_by_label("Note")).to_be_focused()
    await ivan.keyboard.type("Two cacti")
    wrong = await seen(ivan, "call-wrap-up", phone=True)
    await ivan.keyboard.press("Control+Alt+f")
    await expect(ivan.get_by_role("button", name="Finish")).to_have_count(0)
    await ivan.get_by_role("tab", name="History").click()
    await expect(ivan.get_by_text("Order taken · Two cacti")).to_be_visible()
    await set_rules(office, needs_disposition=False)
    await office.olena.patch(f"dispositions/{made['id']}", {"version": 1, "active": False})
    assert office.sim.faults == []
    assert wrong == []


async def test_a_client_is_handed_over_after_asking(
    office: Office, ivan: Page, chromium: Browser
) -> None:
    caller, own = await talk(office, ivan, office.ivan)
    card = card_of(ivan)

    await ivan.keyboard.press("Control+Alt+t")
    form = ivan.get_by_role("dialog")
    await form.get_by_label("A colleague").last.select_option("Olena")
    wrong = await seen(ivan, "call-transfer")
    await form.get_by_role("button", name="Call", exact=True).click()
    other = await office.phone(office.olena)
    await other.ringing()
    await caller.until("on-hold")
    async with console(chromium, office.olena, "work") as olena:
        await other.answer()
        await expect(card.get_by_text("Client waits")).to_be_visible()
        wrong += await seen(ivan, "call-consulting")
        await card.get_by_role("button", name="Hand over").click()
        await own.until("completed")
        await caller.until("in-progress")
        theirs = card_of(olena)
        await expect(theirs.get_by_role("button", name="Hang up")).to_be_visible()
        await expect(card).to_have_count(0)
        await theirs.get_by_role("button", name="Hang up").click()
        await caller.until("completed")
        await wrap_up(olena)
    assert office.sim.faults == []
    assert wrong == []


async def test_keys_are_sent_and_somebody_from_outside_takes_part(
    office: Office, ivan: Page
) -> None:
    caller, _ = await talk(office, ivan, office.ivan)
    card = card_of(ivan)
    await card.get_by_role("button", name="Keys").click()
    pad = ivan.get_by_role("dialog")
    await pad.get_by_role("button", name="Key 5").click()
    await office.sim.exchange.news.until(
        lambda: [one.text for one in caller.leg.heard if one.kind == "keys"] == ["5"],
        lambda: f"no key was heard: {caller.transcript}",
    )
    await caller.until("in-progress")
    wrong = await findings(ivan, "call-keypad")
    await ivan.keyboard.press("Escape")
    await expect(pad).to_have_count(0)

    await card.get_by_role("button", name="Add", exact=True).click()
    form = ivan.get_by_role("dialog", name="Add somebody to the call")
    await form.get_by_label("A number").first.check()
    number = form.get_by_role("textbox")
    await number.fill(OUTSIDE)
    await ivan.set_viewport_size(PHONE)  # a telephone is turned
    await expect(number).to_have_value(OUTSIDE)
    wrong += await findings(ivan, "call-add, phone")
    await picture(ivan, "call-add-phone")
    await ivan.set_viewport_size(DESK)
    await expect(number).to_have_value(OUTSIDE)
    await form.get_by_role("button", name="Call", exact=True).click()
    third = await office.sim.phone(OUTSIDE)
    await third.ringing()
    await third.answer()
    drop = card.get_by_role("button", name=f"Take {OUTSIDE} out of the call")
    await expect(drop).to_be_visible()
    await caller.until_speaks_with(2)
    wrong += await findings(ivan, "call-third")
    await drop.click()
    await third.until("completed")
    await expect(drop).to_have_count(0)
    await caller.hang_up()
    await wrap_up(ivan)
    assert office.sim.faults == []
    assert wrong == []


async def test_a_client_is_given_away_without_asking_anybody(
    office: Office, ivan: Page, chromium: Browser
) -> None:
    caller, own = await talk(office, ivan, office.ivan)
    await ivan.keyboard.press("Control+Alt+t")
    form = ivan.get_by_role("dialog", name="Transfer the call")
    await form.get_by_label("At once").check()
    await form.get_by_label("A colleague").last.select_option("Olena")
    await picture(ivan, "call-cold")
    wrong: list[str] = []
    await form.get_by_role("button", name="Transfer", exact=True).click()
    await own.until("completed")
    async with console(chromium, office.olena, "work") as olena:
        other = await office.phone(office.olena)
        await other.ringing()
        wrong += await findings(olena, "call-rings")
        await other.answer()
        theirs = card_of(olena)
        await expect(theirs.get_by_text("In a call", exact=True)).to_be_visible()
        await caller.until("in-progress")
        await caller.until_speaks_with(1)
        await theirs.get_by_role("button", name="Hang up").click()
        await caller.until("completed")
        await wrap_up(olena)
    assert office.sim.faults == []
    assert wrong == []


async def test_a_supervisor_whispers_and_takes_part_from_the_floor(
    office: Office, ivan: Page, chromium: Browser
) -> None:
    caller, own = await talk(office, ivan, office.ivan)
    async with console(chromium, office.vera, "floor") as vera:
        await vera.get_by_role("button", name="Listen to the call").first.click()
        await vera.get_by_role("menuitem", name="Whisper").click()
        third = await office.phone(office.vera)
        await third.ringing()
        await third.answer()
        beside = card_of(vera)
        await expect(beside.get_by_text("Only the agent hears you.")).to_be_visible()
        assert third.leg.seat is not None
        name = third.leg.seat.name
        await own.until_among(name)
        assert name not in caller.hears()
        wrong = await seen(vera, "call-whisper", phone=True)
        await beside.get_by_role("button", name="Take part").click()
        await expect(beside.get_by_text("Everybody hears you.")).to_be_visible()
        await caller.until_among(name)
        await beside.get_by_role("button", name="Leave the call").click()
        await third.until("completed")
        await expect(beside).to_have_count(0)
    await caller.hang_up()
    await wrap_up(ivan)
    assert wrong == []


async def test_a_client_is_called_back_by_who_takes_the_callback(
    office: Office, ivan: Page
) -> None:
    await office.only()
    caller = await office.new_caller()
    await caller.heard("Press 1 to be called back")
    await caller.press("1")
    await caller.until("completed")

    await office.only(office.ivan)
    await ivan.get_by_role("button", name="Accept").first.click()
    own = await office.phone(office.ivan)
    await own.ringing()
    await own.answer()
    await expect(card_of(ivan).get_by_text("Calling", exact=True)).to_be_visible()
    await caller.ringing()
    await caller.answer()
    await expect(card_of(ivan).get_by_text("In a call", exact=True)).to_be_visible()
    await caller.hang_up()
    await wrap_up(ivan)
    assert office.sim.faults == []


async def test_a_client_is_called_from_where_their_number_stands(
    office: Office, ivan: Page
) -> None:
    await office.only()
    async with office.ivan.live() as live:
        caller = await office.new_caller("2")
        await office.listening(caller)
        await caller.speak(SAID)
        await caller.press("#")
        await caller.until("completed")
        queued = await live.next("ContactQueued")
    await ivan.goto(f"{office.ivan.url}/tickets/{queued['ticket_id']}")
    entry = ivan.get_by_role("article").filter(has_text="Incoming call")
    await expect(entry.get_by_text("Message left")).to_be_visible()

    await ivan.get_by_role("button", name=f"Call {caller.address}").click()
    own = await office.phone(office.ivan)
    await own.ringing()
    await own.answer()
    await caller.ringing()
    await caller.reject()
    await expect(card_of(ivan)).to_have_count(0)
    await expect(ivan.get_by_role("article").filter(has_text="Outgoing call")).to_contain_text(
        "busy"
    )


async def test_what_callers_hear_is_drawn_tried_and_saved(
    office: Office, chromium: Browser
) -> None:
    account = office.account["id"]
    async with console(chromium, office.olena, f"admin/telephone/{account}/flow") as page:
        tree = page.get_by_role("region", name="The way of a call")
        await tree.get_by_role("button", name="Menu", exact=True).click()
        wrong = await seen(page, "flow", phone=True)
        place = page.get_by_role("form", name="This place")
        await place.get_by_role("button", name="Add a key").click()
        await expect(page.get_by_text("one problem")).to_be_visible()
        await expect(tree.get_by_text("A way leads nowhere")).to_be_visible()
        wrong += await seen(page, "flow-problem")
        await place.get_by_label("Key 4", exact=True).select_option(label="Announcement (over)")
        await expect(page.get_by_text("one problem")).to_have_count(0)

        tried = page.get_by_role("region", name="Try it")
        await tried.get_by_role("button", name="Call", exact=True).click()
        await expect(tried.get_by_text("For orders press 1.")).to_be_visible()
        await page.keyboard.press("4")
        await expect(tried.get_by_text("The call ends.")).to_be_visible()
        wrong += await seen(page, "flow-tried")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Saved")).to_be_visible()

        await tree.get_by_role("button", name="Greeting", exact=True).focus()
        await page.keyboard.press("Delete")
        await expect(tree.get_by_role("button", name="Greeting", exact=True)).to_have_count(0)
    flow = await office.olena.get(f"accounts/{account}/flow")
    menu = next(one for one in flow["flow"]["nodes"] if one["kind"] == "menu")
    assert menu["choices"]["4"] == "over"
    assert wrong == []
