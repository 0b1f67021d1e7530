"""From a provider's request to the agent's screen: 200 messages a second, over the live socket.

Each message is posted at its planned moment, whoever is still waiting (an open loop), and timed
until the frame that tells of it arrives at an agent's socket. The reference is the bare floor:
request, one durable row, socket. Both run before and after one another in the same minute.
"""

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import uuid4

import msgspec

from bench.ground import figures
from bench.ground.bare import bare_floor
from bench.ground.figures import Figure
from bench.ground.served import Served, add_widget, served, visitor_token
from bench.ground.wire import Poster, listen

RATE: Final = 200
WARM_UP_SECONDS: Final = 3.0
SECONDS: Final = 10.0
CONNECTIONS: Final = 32
GOAL: Final = 5.0
LATE_SECONDS: Final = 20.0
LOOK_SECONDS: Final = 0.05
CREATED: Final = 201

Send = Callable[[bytes], Awaitable[int]]


class Timing:
    """When each message was sent and when it was first heard of."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._mark = re.compile(rf"{name}-(\d{{7}})".encode("ascii"))
        self._tail = b""
        self.sent: dict[int, float] = {}
        self.took: dict[int, float] = {}
        self._next = 0

    def mark(self, due: float) -> str:
        self._next += 1
        self.sent[self._next] = due
        return f"{self._name}-{self._next:07}"

    def heard(self, data: bytes, at: float) -> None:
        for found in self._mark.finditer(self._tail + data):
            number = int(found[1])
            self.took.setdefault(number, at - self.sent[number])
        self._tail = data[-len("floor-1234567") :]  # a mark may be cut in two on its way

    async def all_heard(self) -> None:
        for _ in range(int(LATE_SECONDS / LOOK_SECONDS)):
            if len(self.took) == len(self.sent):
                return
            await asyncio.sleep(LOOK_SECONDS)


async def measure() -> list[Figure]:
    async with bare_floor() as floor_port, served() as server:
        key = await add_widget(server)
        senders = [await _visitor(server, key) for _ in range(CONNECTIONS)]
        bare = [_sender(await Poster.connect(floor_port), "/say", "") for _ in range(CONNECTIONS)]
        cookie = f"Cookie: {server.cookie}\r\nOrigin: {server.origin}\r\n"
        floor, ours = Timing("floor"), Timing("ours")
        await listen(floor_port, "/live", "", floor.heard)
        await listen(server.port, "/live", cookie, ours.heard)
        await _drive(Timing("warm"), bare, WARM_UP_SECONDS)
        await _drive(Timing("warm"), senders, WARM_UP_SECONDS)
        for _ in range(2):
            await _drive(floor, bare, SECONDS / 2)
            await _drive(ours, senders, SECONDS / 2)
        await floor.all_heard()
        await ours.all_heard()
    return [_figure(ours, floor)]


def _figure(ours: Timing, floor: Timing) -> Figure:
    assert len(ours.took) == len(ours.sent), f"{len(ours.sent) - len(ours.took)} never arrived"
    our_times, floor_times = list(ours.took.values()), list(floor.took.values())
    return Figure(
        name="live_latency_p99",
        value=figures.percentile(our_times, 99) * 1e3,
        unit="ms",
        n=len(our_times),
        reference=figures.percentile(floor_times, 99) * 1e3,
        limit=GOAL,
        limits_ratio=True,
        at_most=True,
        details={
            "p50_ms": figures.rounded(figures.percentile(our_times, 50) * 1e3),
            "floor_p50_ms": figures.rounded(figures.percentile(floor_times, 50) * 1e3),
            "rate": RATE,
        },
    )


async def _visitor(server: Served, key: str) -> Send:
    token = await visitor_token(server, key)
    poster = await Poster.connect(server.port)
    return _sender(poster, f"/chat/{key}/messages", f"Authorization: Visitor {token}\r\n")


def _sender(poster: Poster, path: str, headers: str) -> Send:
    return lambda body: poster.post(path, headers, body)


async def _drive(timing: Timing, senders: list[Send], seconds: float) -> None:
    """Post at random moments, RATE a second on the average, each as soon as a line is free."""
    dice = random.Random(11)
    free: asyncio.Queue[Send] = asyncio.Queue()
    for send in senders:
        free.put_nowait(send)
    due, ends = time.perf_counter(), time.perf_counter() + seconds
    async with asyncio.TaskGroup() as group:
        while (due := due + dice.expovariate(RATE)) < ends:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(_post(timing, free, due))


async def _post(timing: Timing, free: asyncio.Queue[Send], due: float) -> None:
    send = await free.get()
    try:
        text = f"{timing.mark(due)} where is my parcel?"
        status = await send(msgspec.json.encode({"id": str(uuid4()), "text": text}))
        assert status == CREATED, status
    finally:
        free.put_nowait(send)


if __name__ == "__main__":
    figures.run(measure)
