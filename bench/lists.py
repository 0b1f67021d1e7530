"""Lists, counts, the floor and search over 100,000 tickets, and how they grow from 10,000.

Every figure is the time of a whole request to the real server, one after another, as an agent's
console asks. What is limited is the slowest of their 95th percentiles; the reference is the same
figure with a tenth of the tickets, so the ratio says how the cost grows with the table.
"""

import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import quote
from uuid import UUID

from bench.ground import figures
from bench.ground.centers import database_url
from bench.ground.crowded import COMMON, RARE, Filler
from bench.ground.figures import Figure
from bench.ground.folders import passing_folder
from bench.ground.served import Served, serving
from kernel.clock import SystemClock
from kernel.database import Database
from kernel.ids import new_id

MANY: Final = 100_000
FEW: Final = 10_000
ROUNDS: Final = 40
GOAL_MS: Final = 50.0
DEEP_PAGES: Final = 20
BIG_PAGE: Final = 200
AGENTS: Final = 50

Times = dict[str, list[float]]


async def measure() -> list[Figure]:
    few, many = await _times(FEW), await _times(MANY)
    p95 = {name: figures.percentile(times, 95) * 1e3 for name, times in many.items()}
    few_p95 = {name: figures.percentile(times, 95) * 1e3 for name, times in few.items()}
    slowest = max(p95, key=lambda name: p95[name])
    return [
        Figure(
            name="lists_slowest_p95",
            value=p95[slowest],
            unit="ms",
            n=ROUNDS * len(p95),
            reference=few_p95[slowest],
            limit=GOAL_MS,
            at_most=True,
            details={
                "tickets": MANY,
                "slowest": slowest,
                "p95_ms": {name: figures.rounded(value) for name, value in p95.items()},
                "p50_ms": {
                    name: figures.rounded(figures.percentile(times, 50) * 1e3)
                    for name, times in many.items()
                },
                "p95_ms_of_a_tenth": {
                    name: figures.rounded(value) for name, value in few_p95.items()
                },
            },
        )
    ]


async def _times(tickets: int) -> Times:
    async with _crowded(tickets) as server:
        questions = await _questions(server)
        times: Times = {name: [] for name in questions}
        for turn in range(ROUNDS + 2):
            for name, path in questions.items():
                started = time.perf_counter()
                await server.call("GET", path)
                if turn >= 2:  # the first two fill the caches
                    times[name].append(time.perf_counter() - started)
        return times


async def _questions(server: Served) -> dict[str, str]:
    tickets = "/api/v1/tickets"
    cursor = await _deep(server, tickets)
    asked = {
        "all": tickets,
        "all, deep page": f"{tickets}?cursor={cursor}",
        "mine, open": f"{tickets}?view=mine&status=new,open,waiting",
        "unassigned, new": f"{tickets}?view=unassigned&status=new",
        "closed": f"{tickets}?status=closed",
        "counts": f"{tickets}/counts",
        "queue": "/api/v1/contacts",
        "floor": "/api/v1/floor",
        "work": "/api/v1/work",
        "search, rare word": _search(RARE),
        "search, nothing": _search("неіснуюче"),
    }
    for language, words in COMMON.items():
        asked[f"search {language}, common word"] = _search(words.split()[0])
        asked[f"search {language}, two words"] = _search(words)
    return asked


def _search(words: str) -> str:
    return f"/api/v1/search?q={quote(words)}"


async def _deep(server: Served, tickets: str) -> str:
    """Return a cursor that thousands of tickets stand before."""
    cursor = ""
    for _ in range(DEEP_PAGES):
        asked = f"{tickets}?limit={BIG_PAGE}" + (f"&cursor={cursor}" if cursor else "")
        page = await server.call("GET", asked)
        cursor = page["next"]
    return cursor


@asynccontextmanager
async def _crowded(tickets: int) -> AsyncIterator[Served]:
    with passing_folder() as folder, database_url(folder) as url:
        data_dir = folder / "var"
        async with serving(data_dir, url) as server:
            me = await server.call("GET", "/api/v1/session")
            database = Database(url, SystemClock())
            with contextlib.closing(_Stopwatch(f"{tickets} tickets")):
                colleagues = [new_id() for _ in range(AGENTS - 1)]
                await Filler(database, [UUID(me["agent"]["id"]), *colleagues]).fill(tickets)
            await database.close()
            yield server


class _Stopwatch:
    def __init__(self, what: str) -> None:
        self._what, self._started = what, time.perf_counter()

    def close(self) -> None:
        figures.note(f"{self._what} made in {time.perf_counter() - self._started:.0f} s")


if __name__ == "__main__":
    figures.run(measure)
