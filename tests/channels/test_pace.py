"""A number's pace: never above its rate in any second, and answers go before what many get."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest

from channels.errors import ProviderUnavailableError
from channels.pace import Pace, Paces
from kernel.limits import PACE_KEYS, PACE_SECONDS
from tests.clock import ManualClock


async def passes(clock: ManualClock, work: Awaitable[object]) -> None:
    """Let the time go on until the work is done."""
    doing = asyncio.ensure_future(work)
    while not doing.done():
        for _ in range(20):
            await asyncio.sleep(0)
        clock.advance(milliseconds=10)
    await doing


def sending(
    pace: Pace, clock: ManualClock, taken: list[tuple[float, str]]
) -> Callable[..., Awaitable[None]]:
    """Return what sends one message, which the provider takes at some moment before it answers."""

    async def send(name: str, *, cost: int = 1, bulk: bool = False, taking: float = 0.0) -> None:
        async with pace.turn(cost, bulk=bulk):
            await clock.sleep(taking)
            taken.extend((clock.monotonic(), name) for _ in range(cost))
            await clock.sleep(taking)

    return send


@pytest.mark.parametrize("per_second", [3.0, 10.0])
async def test_however_long_each_takes_no_second_holds_more_than_the_rate(
    per_second: float,
) -> None:
    clock = ManualClock()
    taken: list[tuple[float, str]] = []
    send = sending(Pace(clock, per_second), clock, taken)
    dice = random.Random(3)  # noqa: S311

    asked = [
        send("", cost=dice.choice((1, 1, 2)), taking=dice.choice((0, 0.3)))
        for _ in range(8 + int(4 * per_second))
    ]
    await passes(clock, asyncio.gather(*asked))

    for at, _ in taken:
        assert sum(at <= other < at + 1.0 for other, _ in taken) <= per_second


async def test_what_is_sent_to_one_begins_before_what_is_sent_to_many() -> None:
    clock = ManualClock()
    taken: list[tuple[float, str]] = []
    send = sending(Pace(clock, 2.0), clock, taken)

    many = [asyncio.ensure_future(send("many", bulk=True)) for _ in range(4)]
    await clock.until_asleep()
    await passes(clock, asyncio.gather(send("one"), *many))

    assert [name for _, name in taken] == ["many", "one", "many", "many", "many"]


async def test_who_gave_up_waiting_holds_up_nobody() -> None:
    clock = ManualClock()
    taken: list[tuple[float, str]] = []
    send = sending(Pace(clock, 1.0), clock, taken)

    await passes(clock, send("first"))
    gone = asyncio.ensure_future(send("gone"))
    last = asyncio.ensure_future(send("last"))
    await clock.until_asleep(2)
    gone.cancel()
    await passes(clock, last)

    assert [name for _, name in taken] == ["first", "last"]


async def test_what_others_overtake_for_too_long_waits_in_the_outbox() -> None:
    clock = ManualClock()
    pace = Pace(clock, 1.0)
    send = sending(pace, clock, [])
    many = asyncio.ensure_future(send("many", bulk=True))
    await asyncio.sleep(0)
    late = asyncio.ensure_future(send("late", bulk=True))

    async def answers() -> None:
        for _ in range(int(PACE_SECONDS) + 2):
            await send("one")

    await passes(clock, asyncio.gather(many, answers()))

    with pytest.raises(ProviderUnavailableError):
        await late


async def test_chats_at_rest_are_forgotten() -> None:
    clock = ManualClock()
    paces = Paces(clock, 1.0)
    for at in range(PACE_KEYS):
        async with paces.of(str(at)).turn():
            """Sent at once."""
    busy = paces.of("0")

    assert paces.of("one more") is paces.of("one more")
    assert paces.of("0") is busy
    clock.advance(seconds=2)
    paces.of("another")
    assert paces.of("0") is not busy
