"""What a rehearsal found, in figures: per queue, per interval, and who would be needed."""

from collections.abc import Iterable

from msgspec import Struct

from routing.forecast.replay import rehearse
from routing.forecast.scenario import Scenario, intervals, seeds
from routing.forecast.staffing import Required, required_of
from routing.forecast.tallies import DayTally, Tally


class Figures(Struct, frozen=True, kw_only=True):
    """Sums over all rehearsed days; seconds, and shares from 0 to 1; None where nothing was.

    Offered = answered + abandoned + flowed out + waiting, of all visits: first calls, `redials` of
    clients who gave up before, and `callbacks`, each a second visit of somebody whose first
    flowed out when asking for it. Waits are those of who was answered, from entering the queue to
    the answer; who was called back is in `callback_wait_mean` instead. The service level is of
    first calls: answered within the target / (first calls - those who left within five seconds).
    Occupancy: of the time its agents were there, the share in which their places were taken (by
    whatever queue). `declined` and `missed` are offers.
    """

    offered: int
    answered: int
    abandoned: int
    flowed_out: int
    waiting: int
    within_target: int
    service_level: float | None
    wait_mean: float | None
    wait_p50: float | None
    wait_p95: float | None
    wait_most: float | None
    redials: int
    redials_answered: int
    callbacks: int
    callbacks_answered: int
    callback_wait_mean: float | None
    declined: int
    missed: int
    occupancy: float | None


class IntervalReport(Struct, frozen=True, kw_only=True):
    starts: str
    figures: Figures
    required: Required | None = None


class QueueReport(Struct, frozen=True, kw_only=True):
    name: str
    target_seconds: int
    service_level_percent: int
    total: Figures
    intervals: list[IntervalReport]


class Report(Struct, frozen=True, kw_only=True):
    """All of it. A contact that flows from one queue to another is offered in both.

    `contacts` are those who come by themselves: redials are the same clients once more.

    `required` is the sum over the queues, as if none shared its agents.
    """

    days: int
    seed: int
    interval_minutes: int
    contacts: int
    agents: int
    total: Figures
    intervals: list[IntervalReport]
    queues: list[QueueReport]


def rehearsed(scenario: Scenario) -> Report:
    """Rehearse every day of the scenario, here and now, and report."""
    return report(scenario, (rehearse(scenario, seed) for seed in seeds(scenario)))


def report(scenario: Scenario, days: Iterable[DayTally]) -> Report:
    """Put days together, of which there is one at least."""
    whole: DayTally | None = None
    for day in days:
        if whole is None:
            whole = day
        else:
            whole.add(day)
    if whole is None:
        raise ValueError("no day was rehearsed")
    spans = intervals(scenario)
    lengths = [end - start for start, end in spans]
    needed = [required_of(scenario, queue, lengths) for queue in scenario.queues]
    names = [_clock(start) for start, _ in spans]
    return Report(
        days=scenario.days,
        seed=scenario.seed,
        interval_minutes=scenario.interval_minutes,
        contacts=whole.contacts,
        agents=sum(group.count for group in scenario.agents),
        total=_figures(_pooled([*whole.queues, whole.floor])),
        intervals=[
            IntervalReport(
                starts=name,
                figures=_figures(_pooled([[q[n]] for q in whole.queues] + [[whole.floor[n]]])),
                required=_summed([each[n] for each in needed]),
            )
            for n, name in enumerate(names)
        ],
        queues=[
            QueueReport(
                name=queue.name,
                target_seconds=queue.target_seconds,
                service_level_percent=queue.service_level_percent,
                total=_figures(_sum(tallies)),
                intervals=[
                    IntervalReport(starts=name, figures=_figures(tally), required=wanted)
                    for name, tally, wanted in zip(names, tallies, required, strict=True)
                ],
            )
            for queue, tallies, required in zip(scenario.queues, whole.queues, needed, strict=True)
        ],
    )


def _pooled(parts: list[list[Tally]]) -> Tally:
    """Add up queues; agents are counted once, as the last part does."""
    *queues, floor = parts
    total = _sum(tally for tallies in queues for tally in tallies)
    total.busy = sum(tally.busy for tally in floor)
    total.staffed = sum(tally.staffed for tally in floor)
    return total


def _sum(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.add(tally)
    return total


def _figures(tally: Tally) -> Figures:
    tally.check()
    waits = sorted(tally.waits)
    counted = tally.first_calls - tally.short
    return Figures(
        offered=tally.offered,
        answered=tally.answered,
        abandoned=tally.abandoned,
        flowed_out=tally.flowed_out,
        waiting=tally.waiting,
        within_target=tally.in_time,
        service_level=round(tally.in_time / counted, 6) if counted else None,
        wait_mean=_mean(waits),
        wait_p50=_percentile(waits, 50),
        wait_p95=_percentile(waits, 95),
        wait_most=round(waits[-1] / 1e6, 3) if waits else None,
        redials=tally.redials,
        redials_answered=tally.redials_answered,
        callbacks=tally.callbacks,
        callbacks_answered=len(tally.callback_waits),
        callback_wait_mean=_mean(tally.callback_waits),
        declined=tally.declined,
        missed=tally.missed,
        occupancy=round(tally.busy / tally.staffed, 6) if tally.staffed else None,
    )


def _mean(waits: list[int]) -> float | None:
    return round(sum(waits) / len(waits) / 1e6, 3) if waits else None


def _percentile(ordered: list[int], percent: int) -> float | None:
    """Return the least value that so many percent do not exceed (nearest rank)."""
    if not ordered:
        return None
    rank = -(-len(ordered) * percent // 100)
    return round(ordered[rank - 1] / 1e6, 3)


def _summed(required: list[Required | None]) -> Required | None:
    here = [one for one in required if one is not None]
    if not here:
        return None
    agents = sum(one.agents for one in here)
    return Required(
        agents=agents,
        staffed=sum(one.staffed for one in here),
        service_level=min(one.service_level for one in here),
        occupancy=round(sum(one.occupancy * one.agents for one in here) / agents, 6),
        abandoned=max(one.abandoned for one in here),
        theory="erlang_a" if all(one.theory == "erlang_a" for one in here) else "erlang_c",
    )


def _clock(seconds: int) -> str:
    return f"{seconds // 3_600:02}:{seconds % 3_600 // 60:02}"
