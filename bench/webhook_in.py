"""A provider's signed calls into the real server, each answered once its message is committed.

A thousand people write by SMS through a simulated Twilio: first 300 calls a second at random
moments, whoever is still waiting (an open loop), then as many as 64 connections carry in ten
seconds. Nothing may be refused. The reference is the bare floor: request, one durable row, answer.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import msgspec

from bench.ground import figures
from bench.ground.bare import bare_floor
from bench.ground.centers import on_postgres
from bench.ground.figures import Figure
from bench.ground.served import served
from bench.ground.sms_numbers import connect_number
from bench.ground.wire import Poster
from tests.simulators.twilio import TwilioServer, running_twilio
from tests.simulators.twilio_gate import TOKEN, signature

RATE: Final = 300
STEADY_SECONDS: Final = 10
BURST_SECONDS: Final = 10.0
CONNECTIONS: Final = 64
PEOPLE: Final = 1_000
STEADY_GOAL_MS: Final = 50.0
BURST_GOAL: Final = 1_000
FORM: Final = "application/x-www-form-urlencoded; charset=UTF-8"

Call = Callable[[Poster], Awaitable[int]]


class Provider:
    """Makes calls of people who write, signed as Twilio signs them."""

    def __init__(self, twilio: TwilioServer) -> None:
        self._twilio = twilio
        self._path = urlsplit(twilio.hook_url).path
        self._written = 0

    def next(self) -> Call:
        self._written += 1
        sender = f"+38067{self._written % PEOPLE:07}"
        message = self._twilio.wrote(f"Where is parcel {self._written}?", sender=sender)
        fields = self._twilio.form_of(message)
        headers = f"X-Twilio-Signature: {signature(self._twilio.hook_url, fields, TOKEN)}\r\n"
        body = urlencode(fields).encode()
        return lambda poster: poster.post(self._path, headers, body, FORM)


def row() -> Call:
    """The same for the bare floor."""
    body = msgspec.json.encode({"id": str(uuid4()), "text": "Where is my parcel?"})
    return lambda poster: poster.post("/say", "", body)


async def measure() -> list[Figure]:
    async with (
        running_twilio() as twilio,
        bare_floor() as floor,
        served(allow_private_hosts="true") as server,
    ):
        await connect_number(server, twilio, RATE)
        provider = Provider(twilio)
        ours = [await Poster.connect(server.port) for _ in range(CONNECTIONS)]
        bare = [await Poster.connect(floor) for _ in range(CONNECTIONS)]
        await asyncio.gather(*_share([provider.next() for _ in range(PEOPLE)], ours))
        bare_took = await _steady(row, bare)
        used = server.processor_seconds()
        took = await _steady(provider.next, ours)
        used = (server.processor_seconds() - used) / len(took)
        bare_rate = len(await _burst(row, bare)) / BURST_SECONDS
        burst = await _burst(provider.next, ours)
    return [_steady_figure(took, bare_took, used), _burst_figure(burst, bare_rate)]


def _steady_figure(took: list[float], bare: list[float], used: float) -> Figure:
    return Figure(
        name="webhook_in_p99",
        value=figures.percentile(took, 99) * 1e3,
        unit="ms",
        n=len(took),
        reference=figures.percentile(bare, 99) * 1e3,
        limit=None if on_postgres() else STEADY_GOAL_MS,
        at_most=True,
        details={
            "p50_ms": figures.rounded(figures.percentile(took, 50) * 1e3),
            "server_ms_each": figures.rounded(used * 1e3),
            "rate": RATE,
        },
    )


def _burst_figure(took: list[float], bare_rate: float) -> Figure:
    return Figure(
        name="webhook_in_burst",
        value=len(took) / BURST_SECONDS,
        unit="calls/s",
        n=len(took),
        reference=bare_rate,
        limit=None if on_postgres() else BURST_GOAL,
        details={
            "p50_ms": figures.rounded(figures.percentile(took, 50) * 1e3),
            "p99_ms": figures.rounded(figures.percentile(took, 99) * 1e3),
            "refused": 0,
        },
    )


async def _steady(make: Callable[[], Call], posters: list[Poster]) -> list[float]:
    """Return how long each call took from its planned moment, RATE a second on the average."""
    free: asyncio.Queue[Poster] = asyncio.Queue()
    for poster in posters:
        free.put_nowait(poster)
    took: list[float] = []

    async def one(call: Call, due: float) -> None:
        poster = await free.get()
        try:
            _accepted(await call(poster))
        finally:
            free.put_nowait(poster)
        took.append(time.perf_counter() - due)

    dice = random.Random(7)
    calls = [make() for _ in range(RATE * STEADY_SECONDS)]
    due = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for call in calls:
            due += dice.expovariate(RATE)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(one(call, due))
    return took


async def _burst(make: Callable[[], Call], posters: list[Poster]) -> list[float]:
    """Return how long each call took while every connection carried one after another."""
    until = time.perf_counter() + BURST_SECONDS
    took: list[float] = []

    async def carry(poster: Poster) -> None:
        while (begun := time.perf_counter()) < until:
            _accepted(await make()(poster))
            took.append(time.perf_counter() - begun)

    await asyncio.gather(*(carry(poster) for poster in posters))
    return took


def _share(calls: list[Call], posters: list[Poster]) -> list[Awaitable[None]]:
    """Deal calls to the connections, one after another on each."""

    async def carry(poster: Poster, dealt: list[Call]) -> None:
        for call in dealt:
            _accepted(await call(poster))

    return [carry(one, calls[at :: len(posters)]) for at, one in enumerate(posters)]


def _accepted(status: int) -> None:
    assert status in {200, 201}, status


if __name__ == "__main__":
    figures.run(measure)
