"""Twilio's telephone as a real server: people call a number, are called, talk and hang up.

What the product answers is walked, not compared: a simulated caller hears, presses keys, waits and
is put through. `faults` holds everything that Twilio's debugger would complain of.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.simulators.twilio_browser import Browsers
from tests.simulators.twilio_exchange import Exchange, Handset, OwnNumber
from tests.simulators.twilio_gate import NUMBER, TwilioGate
from tests.simulators.twilio_legs import OVER, Leg, Pace, Told
from tests.simulators.twilio_teller import Called, Fault
from tests.simulators.twilio_voice_rest import VoiceApi
from tests.simulators.twilio_walk import Onward, Walk


class Phone:
    """A telephone in somebody's hand; every method waits for what it needs, up to a deadline."""

    def __init__(self, exchange: Exchange, handset: Handset) -> None:
        self._exchange = exchange
        self._handset = handset
        self._rang = 0

    @property
    def address(self) -> str:
        return self._handset.address

    @property
    def handset(self) -> Handset:
        """Its nature: whether it can be reached, picks up by itself, is a machine."""
        return self._handset

    @property
    def leg(self) -> Leg:
        """The call that it has, or had last."""
        assert self._handset.leg is not None, f"{self.address} was never in a call"
        return self._handset.leg

    @property
    def state(self) -> str:
        """`idle`, `ringing`, `in-progress`, `waiting`, `on-hold`, or how the last call ended."""
        leg = self._handset.leg
        if leg is None:
            return "idle"
        if leg.seat is None or leg.over:
            return leg.status
        if leg.seat.held:
            return "on-hold"
        return "in-progress" if leg.seat.room.began else "waiting"

    @property
    def transcript(self) -> list[str]:
        """What was said, played and spoken to it in this call, in order."""
        return [one.text for one in self._handset.leg.heard] if self._handset.leg else []

    def hears(self) -> list[str]:
        """Return labels (or addresses) of the parties that it hears now."""
        seat = self._handset.leg.seat if self._handset.leg else None
        if seat is None:
            return []
        return sorted(one.name for one in seat.room.seats if seat.hears(one))

    async def heard(self, words: str, times: int = 1) -> None:
        """Wait until something with these words was heard in this call, so many times."""
        await self._exchange.news.until(
            lambda: sum(words in one for one in self.transcript) >= times,
            lambda: f"{self.address} ({self.state}) did not hear {words!r}: {self.transcript}",
        )

    async def until(self, *states: str) -> None:
        await self._exchange.news.until(
            lambda: self.state in states,
            lambda: f"{self.address} is {self.state}, not {states}: {self.transcript}",
        )

    async def until_hears(self, *names: str) -> None:
        """Wait until it hears exactly these parties."""
        wanted = sorted(names)
        await self._exchange.news.until(
            lambda: self.hears() == wanted,
            lambda: f"{self.address} ({self.state}) hears {self.hears()}, not {wanted}",
        )

    async def until_speaks_with(self, others: int) -> None:
        """Wait until it hears so many parties."""
        await self._exchange.news.until(
            lambda: len(self.hears()) == others,
            lambda: f"{self.address} ({self.state}) hears {self.hears()}, not {others} parties",
        )

    async def until_among(self, name: str) -> None:
        """Wait until this party is among those it hears."""
        await self._exchange.news.until(
            lambda: name in self.hears(),
            lambda: f"{self.address} ({self.state}) hears {self.hears()}, not {name}",
        )

    async def ringing(self) -> None:
        """Wait until it rings, anew."""
        await self._exchange.news.until(
            lambda: self.state == "ringing" and self._handset.legs_had > self._rang,
            lambda: f"{self.address} does not ring, it is {self.state}",
        )
        self._rang = self._handset.legs_had

    async def answer(self) -> None:
        await self._decide("answered")
        await self.until("in-progress", "waiting", "on-hold", *OVER)

    async def reject(self) -> None:
        await self._decide("busy")

    async def let_it_ring(self) -> None:
        """Nobody answers, for as long as the product lets it ring."""
        await self._decide("no-answer")

    async def _decide(self, outcome: str) -> None:
        await self.until("ringing")
        picked_up = self.leg.picked_up
        assert picked_up is not None
        picked_up.set_result(outcome)

    async def press(self, keys: str) -> None:
        """Press keys one by one, each when something listens for it."""
        for key in keys:
            await self._exchange.news.until(
                lambda: self.is_listened_to,
                lambda: f"nobody listens to the keys of {self.address}: {self.transcript}",
            )
            self._exchange.press(self.leg, key)

    @property
    def is_listened_to(self) -> bool:
        """Whether a key that is pressed now is heard by something or somebody."""
        leg = self._handset.leg
        if leg is None or leg.over:
            return False
        if leg.ear is not None:
            return not leg.ear.ended.is_set()
        return leg.seat is not None and leg.seat.room.began

    async def stay_silent(self) -> None:
        """Say and press nothing for as long as the product listens."""
        await self._exchange.news.until(
            lambda: self._handset.leg is not None and self.leg.ear is not None,
            lambda: f"nobody listens to {self.address}: {self.transcript}",
        )
        ear = self.leg.ear
        assert ear is not None
        ear.end("silence")
        await self._exchange.news.until(
            lambda: self.leg.ear is not ear, lambda: f"{self.address} is still listened to"
        )

    async def speak(self, words: str) -> None:
        """Say something to whoever hears this telephone, or onto the tape that runs."""
        self._exchange.speak(self.leg, words)

    async def hang_up(self) -> None:
        self._exchange.end(self.leg)


class VoiceSimulator(TwilioGate):
    """One account with one number and everybody's telephones around it."""

    def __init__(self, pace: Pace | None = None, number: str = NUMBER) -> None:
        super().__init__()
        self.exchange = Exchange(self.sid, pace or Pace())
        self.exchange.own.number = number
        self.exchange.rooms.plays = self._play_again
        self.browsers = Browsers(self.exchange)
        self._phones: dict[str, Phone] = {}

    @property
    def own(self) -> OwnNumber:
        """Where the number calls."""
        return self.exchange.own

    @property
    def signalling(self) -> str:
        """Where browsers listen for calls."""
        return self.url.replace("http", "ws", 1)

    @property
    def faults(self) -> list[Fault]:
        """What Twilio's debugger would show: every answer of the product's that it cannot use."""
        return self.exchange.teller.faults

    @property
    def ledger(self) -> list[Called]:
        """Every call of a webhook, in order."""
        return self.exchange.teller.ledger

    async def phone(self, address: str) -> Phone:
        """Return the telephone with that number or address, always the same."""
        handset = self.exchange.handset(address)
        return self._phones.setdefault(address, Phone(self.exchange, handset))

    async def call(self, *, from_: str) -> Phone:
        """Somebody calls the number."""
        phone = await self.phone(from_)
        own = self.exchange.own
        leg = self.exchange.leg(
            from_, own.number, "inbound", status="ringing", fallback=own.fallback_url,
            told=Told(own.status_url, frozenset({"completed"})),
        )  # fmt: skip
        handset = self.exchange.handset(from_)
        handset.leg = leg
        first = Onward(own.voice_url, own.method)
        self.exchange.drive(leg, lambda: Walk(self.exchange, leg).run(first))
        return phone

    def _play_again(self, leg: Leg, url: str, method: str) -> "asyncio.Task[None]":
        return self.exchange.spawn(Walk(self.exchange, leg).hear_again(url, method))

    async def close(self) -> None:
        await self.exchange.close()


@asynccontextmanager
async def running_voice(
    pace: Pace | None = None, number: str = NUMBER
) -> AsyncIterator[VoiceSimulator]:
    """Run the server on a free port of this machine until the block ends."""
    simulator = VoiceSimulator(pace, number)
    app = web.Application()
    app.add_routes(VoiceApi(simulator, simulator.exchange).routes())
    app.add_routes(simulator.browsers.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        simulator.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield simulator
    finally:
        await simulator.close()
        await runner.cleanup()
