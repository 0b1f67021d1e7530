"""One event to a thousand open consoles: how long until the last has heard it, and their memory.

The consoles are those of ten agents; the event is a message of a visitor. The time runs from the
visitor's request until the last console has the frame; the memory is what the server's process
holds more with the sockets open and idle than before.
"""

import asyncio
import time
from typing import Final
from uuid import uuid4

import msgspec

from bench.ground import figures
from bench.ground.figures import Figure
from bench.ground.served import PASSWORD, Served, add_widget, served, visitor_token
from bench.ground.wire import Listener, Poster, listen

CONSOLES: Final = 1_000
AGENTS: Final = 10
EVENTS: Final = 40
AT_ONCE: Final = 50
GOAL_MS: Final = 100.0
GOAL_KB: Final = 20.0
SETTLE_SECONDS: Final = 3.0
LATE_SECONDS: Final = 20.0
CREATED: Final = 201


class Crowd:
    """Counts who has heard of the present event."""

    def __init__(self) -> None:
        self.mark = b""
        self.left = 0
        self.all: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def expect(self, mark: bytes, listeners: int) -> asyncio.Future[float]:
        self.mark, self.left = mark, listeners
        self.all = asyncio.get_running_loop().create_future()
        return self.all

    def heard(self, data: bytes, at: float) -> None:
        # Two entries tell of the first message of a ticket; each console counts once.
        if self.mark and self.mark in data and b'"MessageAdded"' in data:
            self.left -= 1
            if self.left == 0 and not self.all.done():
                self.all.set_result(at)


async def measure() -> list[Figure]:
    async with served() as server:
        cookies = [await _agent(server, number) for number in range(AGENTS)]
        key = await add_widget(server)
        crowd = Crowd()
        warm = await _open(server, cookies, crowd, AT_ONCE)
        await _fire(server, key, crowd, AT_ONCE, 5)
        for one in warm:
            one.close()
        await asyncio.sleep(SETTLE_SECONDS)
        before = server.resident_bytes()
        await _open(server, cookies, crowd, CONSOLES)
        await asyncio.sleep(SETTLE_SECONDS)
        each = (server.resident_bytes() - before) / CONSOLES / 1024
        took = await _fire(server, key, crowd, CONSOLES, EVENTS)
    return [
        Figure(
            name="fan_out_last_p95",
            value=figures.percentile(took, 95) * 1e3,
            unit="ms",
            n=len(took),
            limit=GOAL_MS,
            at_most=True,
            details={
                "consoles": CONSOLES,
                "p50_ms": figures.rounded(figures.percentile(took, 50) * 1e3),
                "longest_ms": figures.rounded(max(took) * 1e3),
            },
        ),
        Figure(
            name="idle_socket_memory",
            value=each,
            unit="KB/socket",
            n=CONSOLES,
            limit=GOAL_KB,
            at_most=True,
        ),
    ]


async def _agent(server: Served, number: int) -> str:
    roles = {one["name"]: one["id"] for one in await server.call("GET", "/api/v1/roles")}
    email = f"agent{number}@wonder.example"
    given = {"name": f"Agent {number}", "email": email, "password": PASSWORD}
    await server.call("POST", "/api/v1/agents", {**given, "role_id": roles["supervisor"]})
    return await server.sign_in("/api/v1/session", {"email": email, "password": PASSWORD})


async def _open(server: Served, cookies: list[str], crowd: Crowd, count: int) -> list[Listener]:
    listeners: list[Listener] = []
    while len(listeners) < count:
        listeners += await asyncio.gather(
            *(
                listen(
                    server.port,
                    "/live",
                    f"Cookie: {cookies[number % len(cookies)]}\r\nOrigin: {server.origin}\r\n",
                    crowd.heard,
                )
                for number in range(len(listeners), min(len(listeners) + AT_ONCE, count))
            )
        )
    return listeners


async def _fire(server: Served, key: str, crowd: Crowd, listeners: int, events: int) -> list[float]:
    """Return how long each event took to reach the last console."""
    token = await visitor_token(server, key)
    poster = await Poster.connect(server.port)
    took = []
    for _ in range(events):
        mark = f"mark-{uuid4().hex}"
        everybody = crowd.expect(mark.encode(), listeners)
        started = time.perf_counter()
        status = await poster.post(
            f"/chat/{key}/messages",
            f"Authorization: Visitor {token}\r\n",
            msgspec.json.encode({"id": str(uuid4()), "text": mark}),
        )
        assert status == CREATED, status
        async with asyncio.timeout(LATE_SECONDS):
            took.append(await everybody - started)
        await asyncio.sleep(0.1)
    poster.close()
    return took


if __name__ == "__main__":
    figures.run(measure)
