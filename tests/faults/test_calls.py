"""Dead at any step of a call, the center drops nobody, and does and keeps everything once."""

import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.desk.telephone.scene import FLOW, OLENA
from tests.faults.people import Desk, browser
from tests.faults.server import ServerProcess, running_server
from tests.faults.waiting import until, until_asked
from tests.simulators.twilio_gate import ACCOUNT, NUMBER, TOKEN
from tests.simulators.twilio_voice import Phone, VoiceSimulator, running_voice

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SECONDS = 30.0
SORRY = "Please leave a message"
BIN = f"<Response><Say>{SORRY}.</Say><Record/></Response>"
BEFORE, AFTER = "telephone.before_commit", "telephone.after_commit_before_answering"
WAY_IN = {
    "+380440000001": f"{BEFORE}:1",  # the call itself
    "+380440000002": f"{AFTER}:1",
    "+380440000003": f"{BEFORE}:2",  # the menu's key, which leads to the queue
    "+380440000004": f"{AFTER}:2",
}


@asynccontextmanager
async def fallback() -> AsyncIterator[str]:
    """Where the provider goes when the center does not answer; yield its address."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=BIN, content_type="text/xml")

    app = web.Application()
    app.router.add_route("*", "/bin", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/bin"
    finally:
        await runner.cleanup()


@dataclass(slots=True)
class Story:
    """A center with a number, which dies again and again, and its only agent."""

    server: ServerProcess
    desk: Desk
    sim: VoiceSimulator

    async def open(self, fallback_url: str) -> None:
        await self.desk.surely("PATCH", "me", {"phone": OLENA})
        settings = {
            "account_sid": ACCOUNT,
            "number": NUMBER,
            "api_url": self.sim.url,
            "countries": ["UA", "US"],
        }
        number = {"kind": "voice", "name": "Hotline", "settings": settings}
        account = await self.desk.surely(
            "POST", "accounts", {**number, "secrets": {"auth_token": TOKEN}}
        )
        await self.sim.until_asked("call us")
        flow = {"version": 0, "flow": FLOW}
        await self.desk.surely("PUT", f"accounts/{account['id']}/flow", flow)
        (queue,) = await self.desk.surely("GET", "queues")
        members = [self.desk.me["agent"]["id"]]
        body = {"version": queue["version"], "member_ids": members}
        await self.desk.surely("PATCH", f"queues/{queue['id']}", body)
        await self.there("away")
        self.sim.own.fallback_url = fallback_url

    async def there(self, state: str) -> None:
        await self.desk.surely("PUT", "presence", {"state": state})

    async def reborn(self, crash_at: str = "") -> None:
        await self.server.kill()
        await self.server.start(crash_at=crash_at)

    async def dies(self) -> None:
        assert await self.server.died(within=SECONDS)

    async def call(self) -> dict[str, Any]:
        """Return the newest call."""
        found: dict[str, Any] = (await self.desk.surely("GET", "calls"))["items"][0]
        return found

    async def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until it holds of the newest call."""

        async def asked() -> bool:
            return holds(await self.call())

        try:
            await until_asked(asked, SECONDS)
        except TimeoutError:
            raise AssertionError(await self.call()) from None
        return await self.call()

    async def waiting(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.desk.surely("GET", "contacts"))["items"]
        return [one for one in found if one["state"] in {"queued", "offered", "active"}]

    async def fatal(self, path: str, body: dict[str, Any]) -> None:
        """Ask for something in the middle of which the center dies."""
        call = await self.call()
        status, _ = await self.desk.once("POST", f"calls/{call['id']}/{path}", body)
        assert status == 0
        await self.dies()


async def many(question: Callable[[], Awaitable[list[Any]]], count: int) -> list[Any]:
    async def asked() -> bool:
        return len(await question()) == count

    try:
        await until_asked(asked, SECONDS)
    except TimeoutError:
        raise AssertionError(await question()) from None
    return await question()


async def test_nobody_is_dropped_and_nothing_done_twice_whenever_the_center_dies(
    tmp_path: Path,
) -> None:
    async with (
        running_voice() as sim,
        fallback() as elsewhere,
        running_server(tmp_path / "var") as server,
        browser() as http,
    ):
        desk = Desk(http, server.url)
        await desk.set_up(server.setup_token())
        story = Story(server, desk, sim)
        await story.open(elsewhere)

        await _who_called_meanwhile_is_called_back(story)
        caller, own = await _the_agent_is_rung_once(story)
        await _they_speak_on(story, caller, own)
        await _what_was_recorded_is_here(story)
        await _a_message_is_kept(story)

        assert server.crashes() == []


async def _who_called_meanwhile_is_called_back(story: Story) -> None:
    callers = []
    for number, point in WAY_IN.items():
        await story.reborn(point)
        caller = await story.sim.call(from_=number)
        if point.endswith("2"):
            await caller.heard("For orders press 1.")
            await caller.press("1")
        await story.dies()
        await caller.heard(SORRY)
        callers.append(caller)
    for caller in callers[:-1]:
        await _say(caller, "Call me")
        await caller.hang_up()
    await story.reborn("telephone.after_fetching_before_keeping")
    await story.dies()
    await story.reborn("telephone.after_claim_before_dialling")
    await callers[-1].hang_up()

    waiting = await many(story.waiting, len(WAY_IN))

    async def messages() -> list[Any]:
        log = (await story.desk.surely("GET", "calls"))["items"]
        return [one for call in log for one in call["recordings"] if one["state"] == "kept"]

    await many(messages, len(WAY_IN) - 1)
    log = (await story.desk.surely("GET", "calls"))["items"]
    for one in log:
        assert await _playable(story, one["ticket_id"]) == len(one["recordings"])
    assert sorted(one["number"] for one in log) == sorted(WAY_IN)
    assert {one["contact_id"] for one in log} == {one["id"] for one in waiting}
    assert len({one["ticket_id"] for one in log}) == len(WAY_IN)
    for one in waiting:
        await story.desk.surely("POST", f"contacts/{one['id']}/close")


async def _the_agent_is_rung_once(story: Story) -> tuple[Phone, Phone]:
    """Dead before dialling, after it, and when the client was already brought to the agent."""
    await story.there("available")
    caller = await story.sim.call(from_="+380440000005")
    await caller.heard("For orders press 1.")
    await caller.press("1")

    async def offers() -> list[Any]:
        found: list[Any] = (await story.desk.surely("GET", "work"))["offers"]
        return found

    (offer,) = await many(offers, 1)
    await story.desk.surely("POST", f"offers/{offer['id']}/accept")
    await story.dies()
    assert caller.state == "in-progress"

    await story.reborn("telephone.after_dialling_before_noting")
    own = await story.sim.phone(OLENA)
    await own.ringing()
    await story.dies()
    await story.reborn("telephone.after_joining_before_noting")
    call = await story.until(lambda one: _agent(one)["state"] == "ringing")
    assert len([one for one in call["legs"] if one["state"] != "ended"]) == 2
    await own.answer()
    await story.dies()
    return caller, own


async def _they_speak_on(story: Story, caller: Phone, own: Phone) -> None:
    await caller.until_speaks_with(1)
    await story.reborn("telephone.after_holding_before_noting")
    call = await story.until(lambda one: one["state"] == "talking")
    assert own.handset.legs_had == 1
    assert caller.state == own.state == "in-progress"

    await story.fatal("hold", {"on": True})
    assert caller.state == "on-hold"
    await story.reborn("telephone.after_recording_before_noting")
    await story.until(lambda one: _client(one)["on_hold"])
    await story.desk.surely("POST", f"calls/{call['id']}/hold", {"on": False})
    await caller.until("in-progress")

    await story.fatal("recording", {"what": "start"})
    await caller.until("in-progress")
    await story.reborn("telephone.told.before_commit")
    await story.until(lambda one: one["recording"] == "on")
    await caller.speak("I want to pay")
    await caller.hang_up()
    await story.dies()
    assert caller.transcript.count("This call is being recorded.") == 1


async def _what_was_recorded_is_here(story: Story) -> None:
    await own_is_free(story)
    await story.reborn("telephone.after_fetching_before_keeping")
    await story.dies()
    await story.reborn(f"{BEFORE}:3")
    call = await story.until(lambda one: [r["state"] for r in one["recordings"]] == ["kept"])
    assert (call["state"], call["outcome"]) == ("ended", "answered")
    over = (await story.desk.surely("GET", "contacts?state=closed"))["items"]
    assert call["contact_id"] in {one["id"] for one in over}
    assert await story.waiting() == []


async def own_is_free(story: Story) -> None:
    """The room ended with the client, though nobody was there to end it."""
    await (await story.sim.phone(OLENA)).until("completed")


async def _a_message_is_kept(story: Story) -> None:
    """Dead when it was spoken: it is found in the provider's list."""
    await story.there("away")
    caller = await story.sim.call(from_="+380440000006")
    await caller.heard("For orders press 1.")
    await caller.press("2")
    await caller.heard("after the tone")
    await _say(caller, "Call me")
    await caller.press("#")
    await story.dies()
    await caller.heard(SORRY)
    await caller.hang_up()
    await story.reborn()

    call = await story.until(lambda one: [r["state"] for r in one["recordings"]] == ["kept"])
    (contact,) = await many(story.waiting, 1)
    assert (call["outcome"], call["contact_id"]) == ("voicemail", contact["id"])
    assert await _playable(story, call["ticket_id"]) == 1
    await until(lambda: not story.sim.exchange.recordings, SECONDS)


async def _playable(story: Story, ticket_id: str) -> int:
    """Return how many sounds hang on the ticket, each of which can be played."""
    thread = (await story.desk.surely("GET", f"tickets/{ticket_id}/messages"))["items"]
    urls = [file["url"] for one in thread for file in one["attachments"]]
    for url in urls:
        async with story.desk.http.get(f"{story.server.url}{url}") as answer:
            with wave.open(BytesIO(await answer.read())) as sound:
                assert sound.getnframes() > 0
    return len(urls)


async def _say(caller: Phone, words: str) -> None:
    await until(lambda: caller.is_listened_to, SECONDS)
    await caller.speak(words)


def _agent(call: dict[str, Any]) -> dict[str, Any]:
    legs: list[dict[str, Any]] = [one for one in call["legs"] if one["role"] == "agent"]
    return legs[-1]


def _client(call: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in call["legs"] if one["role"] == "client")
