"""Who comes on a rehearsed day, drawn by its seed: the same clients, whoever works."""

from collections.abc import Iterator
from heapq import merge
from random import Random
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from routing.forecast.scenario import Arrivals, Scenario, expected, intervals

SECOND: Final = 1_000_000


class Client(Struct, frozen=True):
    """One client: when it comes, how long it takes and waits, in microseconds."""

    arrives: int
    stream: int
    handle: int
    patience: int | None
    number: int = 0
    """Which of its kind it is, from 0."""
    redials: int = 0
    """How often it has called again."""

    def calling_again(self, at: int, patience: int) -> "Client":
        """Return the same client with the same matter, at another time."""
        return replace(self, arrives=at, patience=patience, redials=self.redials + 1)


def clients(scenario: Scenario, seed: int) -> Iterator[Client]:
    """Yield the clients of a day in the order of their arrival.

    Each kind of clients has its own dice, so that a change to one leaves the others as they are.
    """
    streams = (
        _of_stream(scenario, arrivals, place, Random(f"{seed}/{place}"))  # noqa: S311
        for place, arrivals in enumerate(scenario.arrivals)
    )
    return merge(*streams, key=lambda client: (client.arrives, client.stream))


def _of_stream(
    scenario: Scenario, arrivals: Arrivals, place: int, dice: Random
) -> Iterator[Client]:
    counts = expected(scenario, arrivals)
    number = 0
    for (start, end), count in zip(intervals(scenario), counts, strict=True):
        if count <= 0:
            continue
        rate, at = count / (end - start), float(start)
        while (at := at + dice.expovariate(rate)) < end:
            handle, patience = dice.expovariate(1.0), dice.expovariate(1.0)
            if arrivals.handle_times == "fixed":
                handle = 1.0
            waits = arrivals.patience_seconds
            yield Client(
                arrives=round(at * SECOND),
                stream=place,
                handle=max(1, round(handle * arrivals.handle_seconds * SECOND)),
                patience=None if waits is None else round(patience * waits * SECOND),
                number=number,
            )
            number += 1
