"""From a client's first word to the offer on an agent's screen: 100 arrivals a second.

Each visitor is new and writes once, at a planned moment, whoever is still waiting (an open loop).
Timed is from that moment until the frame `OfferMade` arrives at the live socket of the agent at
whom it rings; the agent accepts at once. The reference is the bare floor: request, one durable row,
socket. Both run before and after one another in the same minute.
"""

import asyncio
import random
import re
import time
from collections.abc import Callable
from typing import Final
from uuid import uuid4

import msgspec

from bench.ground import figures
from bench.ground.bare import bare_floor
from bench.ground.figures import Figure
from bench.ground.served import PASSWORD, Served, add_widget, served, visitor_token
from bench.ground.wire import Listener, Poster, listen

RATE: Final = 100
WARM_UP: Final = 200
ARRIVALS: Final = 1_000
AGENTS: Final = 20
CAPACITY: Final = 100
CONNECTIONS: Final = 16
GOAL_MS: Final = 150.0
LATE_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 0.05
CREATED: Final = 201

_OPENED = re.compile(rb'"kind":"TicketOpened"[^{]*?"ticket_id":"([^"]+)"[^{]*\{[^}]*?offer-(\d{7})')
_OFFERED = re.compile(
    rb'"kind":"OfferMade"[^{]*?"ticket_id":"([^"]+)"[^{]*\{[^}]*?"offer_id":"([^"]+)"'
)


class Screen:
    """A live socket whose frames may arrive in pieces."""

    def __init__(
        self, pattern: re.Pattern[bytes], found: Callable[[re.Match[bytes], float], None]
    ) -> None:
        self._pattern = pattern
        self._found = found
        self._rest = b""

    def heard(self, data: bytes, at: float) -> None:
        held = self._rest + data
        end = 0
        for match in self._pattern.finditer(held):
            self._found(match, at)
            end = match.end()
        self._rest = held[max(end, len(held) - 4_096) :]


class Times:
    """When each client wrote, which ticket that became, and when it rang somewhere."""

    def __init__(self) -> None:
        self.sent: dict[int, float] = {}
        self.number_of: dict[bytes, int] = {}
        self.rang: dict[bytes, float] = {}

    def opened(self, match: re.Match[bytes], _at: float) -> None:
        self.number_of[match[1]] = int(match[2])

    def took(self, last: int) -> list[float]:
        """Return how long each of the last so many arrivals took."""
        by_number = {
            self.number_of[one]: at for one, at in self.rang.items() if one in self.number_of
        }
        return [by_number[n] - at for n, at in list(self.sent.items())[-last:] if n in by_number]

    async def all_rang(self) -> None:
        for _ in range(int(LATE_SECONDS / LOOK_SECONDS)):
            if len(self.took(len(self.sent))) == len(self.sent):
                return
            await asyncio.sleep(LOOK_SECONDS)


class Agent:
    """Hears what rings for it, and takes it at once."""

    def __init__(self, server: Served, cookie: str, times: Times) -> None:
        self._server = server
        self._headers = f"Cookie: {cookie}\r\nOrigin: {server.origin}\r\n"
        self._times = times
        self._offers: asyncio.Queue[str] = asyncio.Queue()
        self.screen = Screen(_OFFERED, self._rings)

    async def open(self) -> Listener:
        return await listen(self._server.port, "/live", self._headers, self.screen.heard)

    def _rings(self, match: re.Match[bytes], at: float) -> None:
        self._times.rang.setdefault(match[1], at)
        self._offers.put_nowait(match[2].decode("ascii"))

    async def work(self) -> None:
        poster = await Poster.connect(self._server.port)
        while True:
            offer = await self._offers.get()
            status = await poster.post(f"/api/v1/offers/{offer}/accept", self._headers, b"{}")
            assert status == 200, status


async def measure() -> list[Figure]:
    async with bare_floor() as floor_port, served() as server:
        key = await add_widget(server)
        times = Times()
        agents = [await _agent(server, number, times) for number in range(AGENTS)]
        await _seat(server)
        cookie = f"Cookie: {server.cookie}\r\nOrigin: {server.origin}\r\n"
        await listen(server.port, "/live", cookie, Screen(_OPENED, times.opened).heard)
        tokens = [await visitor_token(server, key) for _ in range(WARM_UP + ARRIVALS)]
        posters = [await Poster.connect(server.port) for _ in range(CONNECTIONS)]
        working = [asyncio.create_task(agent.work()) for agent in agents]
        floor = await _floor(floor_port)
        used = server.processor_seconds()
        await _drive(times, posters, key, tokens)
        await times.all_rang()
        used = (server.processor_seconds() - used) / len(tokens)
        floor += await _floor(floor_port)
        for task in working:
            task.cancel()
        broken = [
            one
            for one in await asyncio.gather(*working, return_exceptions=True)
            if isinstance(one, Exception)
        ]
        assert not broken, broken[0]
    return [_figure(times.took(ARRIVALS), floor, used)]


def _figure(took: list[float], floor: list[float], used: float) -> Figure:
    assert len(took) == ARRIVALS, f"{ARRIVALS - len(took)} rang nowhere"
    return Figure(
        name="offer_latency_p99",
        value=figures.percentile(took, 99) * 1e3,
        unit="ms",
        n=len(took),
        reference=figures.percentile(floor, 99) * 1e3,
        limit=GOAL_MS,
        at_most=True,
        details={
            "p50_ms": figures.rounded(figures.percentile(took, 50) * 1e3),
            "p95_ms": figures.rounded(figures.percentile(took, 95) * 1e3),
            "floor_p50_ms": figures.rounded(figures.percentile(floor, 50) * 1e3),
            "server_ms_each": figures.rounded(used * 1e3),
            "rate": RATE,
            "agents": AGENTS,
        },
    )


async def _agent(server: Served, number: int, times: Times) -> Agent:
    roles = {one["name"]: one["id"] for one in await server.call("GET", "/api/v1/roles")}
    email = f"agent{number}@wonder.example"
    body = {"name": f"Agent {number}", "email": email, "password": PASSWORD}
    more = {"role_id": roles["agent"], "capacity": {"webchat": CAPACITY}}
    await server.call("POST", "/api/v1/agents", body | more)
    cookie = await server.sign_in("/api/v1/session", {"email": email, "password": PASSWORD})
    agent = Agent(server, cookie, times)
    await agent.open()
    boss, server.cookie = server.cookie, cookie
    await server.call("PUT", "/api/v1/presence", {"state": "available"})
    server.cookie = boss
    return agent


async def _seat(server: Served) -> None:
    """Let all agents serve the queue in which the visitors wait."""
    (queue,) = await server.call("GET", "/api/v1/queues")
    agents = await server.call("GET", "/api/v1/agents")
    members = [one["id"] for one in agents if one["capacity"].get("webchat") == CAPACITY]
    body = {"version": queue["version"], "member_ids": members}
    await server.call("PATCH", f"/api/v1/queues/{queue['id']}", body)


async def _drive(times: Times, posters: list[Poster], key: str, tokens: list[str]) -> None:
    """Let clients come at random moments, RATE a second on the average."""
    free: asyncio.Queue[Poster] = asyncio.Queue()
    for poster in posters:
        free.put_nowait(poster)

    async def come(number: int, token: str) -> None:
        poster = await free.get()
        try:
            body = {"id": str(uuid4()), "text": f"offer-{number:07} where is my parcel?"}
            headers = f"Authorization: Visitor {token}\r\n"
            status = await poster.post(f"/chat/{key}/messages", headers, msgspec.json.encode(body))
            assert status == CREATED, status
        finally:
            free.put_nowait(poster)

    dice, due = random.Random(11), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number, token in enumerate(tokens):
            due += dice.expovariate(RATE)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            times.sent[number] = due
            group.create_task(come(number, token))


async def _floor(port: int) -> list[float]:
    """Return how long the bare floor takes from request to socket, at the same rate."""
    sent: dict[int, float] = {}
    took: dict[int, float] = {}

    def heard(match: re.Match[bytes], at: float) -> None:
        number = int(match[1])
        took.setdefault(number, at - sent[number])

    screen = Screen(re.compile(rb"offer-(\d{7})"), heard)
    listener = await listen(port, "/live", "", screen.heard)
    poster = await Poster.connect(port)
    dice = random.Random(12)
    for number in range(ARRIVALS // 5):
        await asyncio.sleep(dice.expovariate(RATE))
        sent[number] = time.perf_counter()
        body = {"id": str(uuid4()), "text": f"offer-{number:07} where is my parcel?"}
        assert await poster.post("/say", "", msgspec.json.encode(body)) == CREATED
    await asyncio.sleep(LOOK_SECONDS)
    listener.close()
    return list(took.values())


if __name__ == "__main__":
    figures.run(measure)
