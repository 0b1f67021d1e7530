"""What one provider that hangs does to the answers that leave through the others.

Three SMS numbers at providers of their own answer five clients a second, at random moments. In
every second round one provider takes requests and answers none, after twenty messages of its own
were promised; only the other two are measured, from a message's being promised until its provider
takes it. The reference is the rounds in which it answers, taken in turn in the same run.
"""

import asyncio
import random
import time
from contextlib import AsyncExitStack
from typing import Final
from uuid import UUID

from bench.ground.centers import database_url
from bench.ground.figures import Figure, note, percentile, rounded, run
from bench.ground.folders import passing_folder
from bench.ground.relay import Relay, relay
from bench.ground.served import serving
from bench.ground.sms_numbers import Number, connect_number, engine_of
from tests.simulators.twilio import running_twilio

ROUNDS: Final = 8
PEOPLE: Final = 80
PER_SECOND: Final = 5
STUCK: Final = 20
RATE: Final = 100
GOAL: Final = 1.2


async def measure() -> list[Figure]:
    with passing_folder() as folder, database_url(folder) as url:
        settings = {"allow_private_hosts": "true", "undo_seconds": "0"}
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(serving(folder / "var", url, **settings))
            engine = engine_of(url)
            stack.push_async_callback(engine.dispose)
            numbers: list[Number] = []
            for name in ("Shop", "Workshop", "Hung"):
                twilio = await stack.enter_async_context(running_twilio())
                wire = await stack.enter_async_context(relay(twilio.url))
                number = await connect_number(server, twilio, RATE, api_url=wire.url, name=name)
                await number.hear(PEOPLE // 2, engine)
                numbers.append(number)
            took = await _rounds(numbers[:2], numbers[2], wire)
    return [_figure(took[False], took[True])]


async def _rounds(others: list[Number], hung: Number, wire: Relay) -> dict[bool, list[float]]:
    took: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(ROUNDS + 1):
        silent = turn % 2 == 1
        note(f"round {turn} of {ROUNDS} ...")
        wire.silent = silent
        asked = [hung.answer(one, f"Own {turn}.{at}") for at, one in enumerate(hung.tickets)]
        await asyncio.gather(*asked[:STUCK])
        for never in asked[STUCK:]:
            never.close()
        measured = await _answered(others, turn)
        if turn:  # the first fills the caches
            took[silent] += measured
    return took


async def _answered(numbers: list[Number], turn: int) -> list[float]:
    dice = random.Random(turn // 2)
    promised: dict[str, float] = {}
    tickets = [(one, ticket) for one in numbers for ticket in one.tickets]
    dice.shuffle(tickets)

    async def one(number: Number, ticket: UUID, words: str) -> None:
        promised[words] = await number.answer(ticket, words)

    due = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for at, (number, ticket) in enumerate(tickets):
            due += dice.expovariate(PER_SECOND)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(one(number, ticket, f"Answer {turn}.{at}"))
    taken: dict[str, float] = {}
    for number in numbers:
        own = [f"Answer {turn}.{at}" for at, (whose, _) in enumerate(tickets) if whose is number]
        taken |= await number.until_taken(own)
    return [max(0.0, taken[words] - at) for words, at in promised.items()]


def _figure(usual: list[float], beside: list[float]) -> Figure:
    return Figure(
        name="hanging_provider_others_p95",
        value=percentile(beside, 95) * 1e3,
        unit="ms",
        n=len(beside),
        reference=percentile(usual, 95) * 1e3,
        limit=GOAL,
        limits_ratio=True,
        at_most=True,
        details={
            "p50_ms": rounded(percentile(beside, 50) * 1e3),
            "p50_ms_usual": rounded(percentile(usual, 50) * 1e3),
        },
    )


if __name__ == "__main__":
    run(measure)
