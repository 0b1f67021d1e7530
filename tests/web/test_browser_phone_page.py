"""The console itself as an agent's telephone, in a real browser: with sound, both ways."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.chromium import PATIENCE_MS, running_chromium
from tests.desk.telephone.scene import Office, open_office
from tests.desk_api import DeskApi
from tests.faults.waiting import until
from tests.simulators.twilio_browser import Browser as Telephone
from tests.simulators.twilio_gate import API_SECRET
from tests.web.axe import findings
from tests.web.test_telephone_page import card_of, console, picture, set_rules, wrap_up

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

_BEEPS = "--use-fake-device-for-media-stream"
"""Chromium's own microphone, which beeps once a second."""
_ALLOWS = "--use-fake-ui-for-media-stream"
_REFUSES = "--use-fake-ui-for-media-stream=deny"
_LOUD_ENOUGH = 0.05
_BEEP_SECONDS = 0.2
_HEARD = """async () => {
  const audio = [...document.querySelectorAll('audio')].find((one) => one.srcObject);
  if (!audio) return 0;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(audio.srcObject).connect(analyser);
  await new Promise((done) => setTimeout(done, 300));
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  await context.close();
  return Math.max(...samples.map(Math.abs));
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with running_chromium(_BEEPS, _ALLOWS) as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with open_office(tmp_path_factory.mktemp("telephone")) as opened:
        await set_rules(opened, wrap_up=True, wrap_up_seconds=3_600)
        await opened.ivan.patch("me", {"phone": "browser"})
        yield opened


def identity_of(who: DeskApi) -> str:
    return f"agent_{who.me['agent']['id'].replace('-', '')}"


async def until_heard(page: Page, *, loud: bool) -> None:
    """Wait until the page plays what is (no) silence."""
    wanted = f"async () => (await ({_HEARD})()) {'>' if loud else '<'} {_LOUD_ENOUGH}"
    await page.wait_for_function(wanted, timeout=PATIENCE_MS)


async def until_speaks(telephone: Telephone) -> None:
    """Wait until the provider hears more of the browser's beeps."""
    sound = telephone.sound
    assert sound is not None
    before = sound.loud_seconds
    await until(lambda: sound.loud_seconds > before + _BEEP_SECONDS, PATIENCE_MS / 1_000)


async def test_an_agent_speaks_with_a_client_in_the_console_itself(
    office: Office, chromium: Browser
) -> None:
    async with console(chromium, office.ivan, "work", microphone=True) as page:
        await expect(page.get_by_text("Telephone ready")).to_be_visible()
        telephone = await office.sim.browsers.until_online(identity_of(office.ivan))
        await office.only(office.ivan)
        caller = await office.new_caller()
        await page.get_by_role("button", name="Accept").first.click()

        # The leg that was asked for is answered by itself.
        await expect(card_of(page).get_by_text("In a call", exact=True)).to_be_visible()
        await caller.until("in-progress")
        await until_heard(page, loud=True)
        await until_speaks(telephone)

        await card_of(page).get_by_role("button", name="Hold").click()
        await caller.until("on-hold")
        await until_heard(page, loud=False)
        await card_of(page).get_by_role("button", name="Resume").click()
        await caller.until("in-progress")
        await until_heard(page, loud=True)

        await card_of(page).get_by_role("button", name="Hang up").click()
        await caller.until("completed")
        await expect(card_of(page)).to_have_count(0)
        await wrap_up(page)
        await expect(page.get_by_text("Telephone ready")).to_be_visible()


async def test_a_colleague_who_asks_rings_and_only_a_press_lets_them_hear(
    office: Office, chromium: Browser
) -> None:
    await office.only(office.olena)
    caller, own, call = await office.talking(office.olena)
    async with console(chromium, office.ivan, "work", microphone=True) as page:
        await expect(page.get_by_text("Telephone ready")).to_be_visible()
        ivan = office.ivan.me["agent"]["id"]
        await office.olena.post(f"calls/{call['id']}/consult", {"agent_id": ivan})
        await expect(page.get_by_text("Somebody calls you")).to_be_visible()
        assert await findings(page, "a browser that rings") == []
        await picture(page, "browser-phone-rings")
        telephone = await office.sim.browsers.until_online(identity_of(office.ivan))
        assert telephone.sound is not None
        assert telephone.sound.loud_seconds == 0
        await page.get_by_role("button", name="Answer", exact=True).click()
        await own.until_speaks_with(1)
        await until_heard(page, loud=True)
        await until_speaks(telephone)
        await office.olena.post(f"calls/{call['id']}/return")
        await expect(page.get_by_role("button", name="Answer", exact=True)).to_have_count(0)
        await expect(card_of(page)).to_have_count(0)

        await office.olena.post(f"calls/{call['id']}/consult", {"agent_id": ivan})
        await page.get_by_role("button", name="Decline").click()
        await expect(page.get_by_text("Telephone ready")).to_be_visible()
        await own.until_hears()
    await own.hang_up()
    await caller.until("completed")


async def test_of_two_tabs_one_is_the_telephone_until_it_is_closed(
    office: Office, chromium: Browser
) -> None:
    async with console(chromium, office.ivan, "work", microphone=True) as first:
        await expect(first.get_by_text("Telephone ready")).to_be_visible()
        second = await first.context.new_page()
        await second.goto(first.url)
        await expect(second.get_by_text("The telephone is in another tab")).to_be_visible()
        await first.close()
        await expect(second.get_by_text("Telephone ready")).to_be_visible()


async def test_a_browser_becomes_the_telephone_in_the_profile(
    office: Office, chromium: Browser
) -> None:
    async with console(chromium, office.vera, "profile", microphone=True) as page:
        await page.get_by_label("Your telephone").select_option(
            label="This console, in the browser"
        )
        await page.get_by_role("button", name="Test the microphone").click()
        await page.wait_for_function("() => document.querySelector('meter')?.value > 0")
        assert await findings(page, "the choice of a telephone") == []
        await picture(page, "browser-phone-profile")
        await page.get_by_role("button", name="Stop the test").click()
        await page.get_by_role("button", name="Save", exact=True).first.click()
        await expect(page.get_by_text("Telephone ready")).to_be_visible()


async def test_a_key_that_the_provider_refuses_is_told(office: Office, chromium: Browser) -> None:
    await office.with_settings(secrets={"api_key_secret": "f" * 32})
    try:
        async with console(chromium, office.ivan, "work", microphone=True) as page:
            await expect(
                page.get_by_text("The provider does not take this browser")
            ).to_be_visible()
            assert await findings(page, "a browser that is refused") == []
            await picture(page, "browser-phone-refused")
    finally:
        await office.with_settings(secrets={"api_key_secret": API_SECRET})


async def test_a_microphone_that_is_refused_is_told_with_its_cure(office: Office) -> None:
    async with (
        running_chromium(_BEEPS, _REFUSES) as browser,
        console(browser, office.ivan, "work") as page,
    ):
        await page.get_by_role("button", name="Allow the microphone").click()
        await expect(page.get_by_text("The microphone is blocked")).to_be_visible()
        await expect(page.get_by_text("Allow the microphone for this site")).to_be_visible()
