"""Rehearses days in a child process: one rehearsal at a time, bounded, told how far it is."""

from collections.abc import AsyncGenerator, Sequence

from msgspec import Struct

from kernel.errors import ConflictError, InvalidInputError
from kernel.guests import Guests
from kernel.limits import (
    REHEARSAL_ARRIVALS_ONLINE,
    REHEARSAL_DAYS_ONLINE,
    REHEARSAL_MEMORY_BYTES,
    REHEARSAL_SECONDS,
)
from routing.forecast.guest import as_report, day_job, report_job
from routing.forecast.reading import check
from routing.forecast.report import Report
from routing.forecast.scenario import Scenario, coming, seeds


class Progress(Struct, frozen=True):
    """So many days are done of all days of all scenarios; at the end come the reports."""

    done: int
    days: int
    reports: Sequence[Report] = ()


class Rehearsals:
    """The one place where somebody may try out a day on this server."""

    def __init__(self) -> None:
        self._by: str | None = None

    async def run(self, scenarios: Sequence[Scenario], by: str) -> AsyncGenerator[Progress, None]:
        """Yield how far it is, at first and after each day, and at last the reports.

        Closing the iterator ends the child. Raises ConflictError while somebody else's goes on,
        and InvalidInputError for what does not fit together, or takes too long.
        """
        for place, scenario in enumerate(scenarios):
            _bound(scenario, f"scenarios[{place}]")
        if self._by is not None:
            raise ConflictError(f"{self._by} is trying out a day just now; wait a few seconds")
        self._by = by
        try:
            async for progress in _rehearse(scenarios):
                yield progress
        finally:
            self._by = None


async def _rehearse(scenarios: Sequence[Scenario]) -> AsyncGenerator[Progress, None]:
    days = sum(scenario.days for scenario in scenarios)
    done = 0
    reports: list[Report] = []
    yield Progress(done, days)
    async with Guests(
        "routing.forecast.guest",
        job_seconds=REHEARSAL_SECONDS,
        memory_bytes=REHEARSAL_MEMORY_BYTES,
    ) as guests:
        for scenario in scenarios:
            tallies: list[bytes] = []
            for seed in seeds(scenario):
                tallies.append(await _asked(guests, day_job(scenario, seed)))
                done += 1
                yield Progress(done, days)
            reports.append(as_report(await _asked(guests, report_job(scenario, tallies))))
    yield Progress(done, days, reports)


async def _asked(guests: Guests, job: bytes) -> bytes:
    (answer,) = await guests.call([job])
    if isinstance(answer, Exception):
        raise InvalidInputError(
            "this day takes too much time or memory to rehearse; "
            "take fewer contacts, agents or days"
        ) from answer
    return answer


def _bound(scenario: Scenario, where: str) -> None:
    check(scenario)
    if scenario.days > REHEARSAL_DAYS_ONLINE:
        raise InvalidInputError(
            f"at most {REHEARSAL_DAYS_ONLINE} days at once; more with contact-center simulate",
            field=f"{where}.days",
        )
    most = coming(scenario) * scenario.days
    if most > REHEARSAL_ARRIVALS_ONLINE:
        raise InvalidInputError(
            f"{most:.0f} contacts are more than {REHEARSAL_ARRIVALS_ONLINE}; "
            "take fewer days, or contact-center simulate",
            field=f"{where}.arrivals",
        )
