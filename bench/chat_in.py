"""Chat messages a second over HTTP into the real server, each acknowledged once it is durable.

64 senders, each a visitor with a conversation of its own, post one message after another. The
reference is a bare aiohttp handler that stores one row a message, many in one synced commit.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import fmean
from typing import Final
from uuid import uuid4

import msgspec

from bench.ground import figures
from bench.ground.bare import bare_floor
from bench.ground.centers import on_postgres
from bench.ground.figures import Figure
from bench.ground.served import add_widget, served, visitor_token
from bench.ground.wire import Poster
from bench.ground.words import Writer

SENDERS: Final = 64
WARM_UP_SECONDS: Final = 2.0
SECONDS: Final = 8.0
ROUNDS: Final = 4
GOAL: Final = 1_500
CREATED: Final = 201

Send = Callable[[bytes], Awaitable[int]]


async def measure() -> list[Figure]:
    async with bare_floor() as port, served() as server:
        bare = [_sender(await Poster.connect(port), "/say", "") for _ in range(SENDERS)]
        key = await add_widget(server)
        senders = []
        for _ in range(SENDERS):
            token = await visitor_token(server, key)
            poster = await Poster.connect(server.port)
            path = f"/chat/{key}/messages"
            senders.append(_sender(poster, path, f"Authorization: Visitor {token}\r\n"))
        await _rate(bare, WARM_UP_SECONDS)
        await _rate(senders, WARM_UP_SECONDS)
        references, rates, took, used = [], [], list[float](), 0.0
        for _ in range(ROUNDS):  # by turns: a machine that slows down does so for both
            references.append((await _rate(bare, SECONDS / ROUNDS / 2))[0])
            before = server.processor_seconds()
            rate, each = await _rate(senders, SECONDS / ROUNDS)
            used += server.processor_seconds() - before
            rates.append(rate)
            took.extend(each)
        counts = await server.call("GET", "/api/v1/tickets/counts")
    rate, reference, count = fmean(rates), fmean(references), len(took)
    return [
        Figure(
            name="chat_in",
            value=rate,
            unit="messages/s",
            n=count,
            reference=reference,
            limit=None if on_postgres() else GOAL,
            details={
                "p50_ms": figures.rounded(figures.percentile(took, 50) * 1e3),
                "p99_ms": figures.rounded(figures.percentile(took, 99) * 1e3),
                "server_us_each": figures.rounded(used / count * 1e6),
                "tickets": counts[-1]["count"],
            },
        )
    ]


def _sender(poster: Poster, path: str, headers: str) -> Send:
    return lambda body: poster.post(path, headers, body)


async def _rate(senders: list[Send], seconds: float) -> tuple[float, list[float]]:
    """Return acknowledged messages a second, and how long each took."""
    writer = Writer(3)
    texts = [writer.sentence(writer.language()) for _ in range(200)]
    took: list[float] = []
    started = time.perf_counter()

    async def send_on(send: Send, place: int) -> None:
        while (now := time.perf_counter()) - started < seconds:
            place += 1
            body = {"id": str(uuid4()), "text": texts[place % len(texts)]}
            status = await send(msgspec.json.encode(body))
            assert status == CREATED, status
            took.append(time.perf_counter() - now)

    await asyncio.gather(*(send_on(send, place) for place, send in enumerate(senders)))
    return len(took) / (time.perf_counter() - started), took


if __name__ == "__main__":
    figures.run(measure)
