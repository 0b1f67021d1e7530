"""What a number sends against what its provider allows, by the provider's own ledger.

Two hundred people are answered by sixteen agents at once, through an SMS number that may send 20
segments a second; every fourth answer has two. Counted is what the provider took in the fullest
second that can be laid over its ledger, wherever it begins; and how much of the rate was used.
"""

import asyncio
from collections import deque
from itertools import pairwise
from typing import Final

from bench.ground.centers import database_url
from bench.ground.figures import Figure, percentile, rounded, run
from bench.ground.folders import passing_folder
from bench.ground.served import serving
from bench.ground.sms_numbers import Number, connect_number, engine_of
from channels.twilio.segments import segments_of
from tests.simulators.twilio import running_twilio

PEOPLE: Final = 200
AGENTS: Final = 16
RATE: Final = 20
LEAST_USED: Final = 0.85


async def measure() -> list[Figure]:
    with passing_folder() as folder, database_url(folder) as url:
        settings = {"allow_private_hosts": "true", "undo_seconds": "0"}
        async with running_twilio() as twilio, serving(folder / "var", url, **settings) as server:
            number = await connect_number(server, twilio, RATE)
            engine = engine_of(url)
            await number.hear(PEOPLE, engine)
            await engine.dispose()
            taken = await _answered(number)
    fullest = max(_each_second(taken))
    span = taken[-1][0] - taken[0][0]
    used = (sum(cost for _, cost in taken) - taken[-1][1]) / span
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(taken)]
    details = {"seconds": rounded(span), "gap_p50_ms": rounded(percentile(gaps, 50) * 1e3)}
    return [
        Figure(
            name="outbound_fullest_second",
            value=fullest,
            unit="segments",
            n=len(taken),
            reference=RATE,
            limit=1.0,
            limits_ratio=True,
            at_most=True,
            details=details,
        ),
        Figure(
            name="outbound_rate_used",
            value=used,
            unit="segments/s",
            n=len(taken),
            reference=RATE,
            limit=LEAST_USED,
            limits_ratio=True,
        ),
    ]


async def _answered(number: Number) -> list[tuple[float, int]]:
    """Answer everybody; return when each answer was taken and its segments, in that order."""
    words = [_words(at) for at in range(PEOPLE)]
    asked = iter(zip(number.tickets, words, strict=True))

    async def agent() -> None:
        for ticket, text in asked:
            await number.answer(ticket, text)

    await asyncio.gather(*(agent() for _ in range(AGENTS)))
    taken = await number.until_taken(words)
    return sorted((taken[one], segments_of(one).count) for one in words)


def _words(at: int) -> str:
    return f"Answer {at}: it left today." + (" Thank you for waiting." * 6 if at % 4 == 0 else "")


def _each_second(taken: list[tuple[float, int]]) -> list[int]:
    """Return what each second holds that ends with a message (half open: a second later is out)."""
    window: deque[tuple[float, int]] = deque()
    held: list[int] = []
    for at, cost in taken:
        window.append((at, cost))
        while window[0][0] <= at - 1.0:
            window.popleft()
        held.append(sum(cost for _, cost in window))
    return held


if __name__ == "__main__":
    run(measure)
