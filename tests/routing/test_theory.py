"""Waits in the engine are those queueing theory knows exactly: in 99 % intervals, none too wide.

A run whose interval is wider than its cap proves nothing and fails.
"""

import pytest

from routing.rules import Priority
from tests.routing.scene import SECOND
from tests.routing.theory import ErlangA, ErlangC, accumulating_waits, strict_waits
from tests.routing.virtual_day import HOUR, Interval, Stream, VirtualDay, Visit, measured

HANDLE = 180.0
CLASSES = ("low", "middle", "high")
PER_HOUR = (16.0, 22.0, 16.0)
AGENTS = 4


def assert_close(found: Interval, exact: float, *, cap: float) -> None:
    assert found.covers(exact), f"{found} misses {exact:.4f}"
    assert found.half_width <= cap * exact, f"{found} is too wide for {exact:.4f}"


def a_day(stream: Stream, agents: int, arrivals: int) -> tuple[list[Visit], list[float]]:
    visits = VirtualDay([stream], agents, seed=1).run(arrivals)
    return visits, [waited(visit) for visit in visits]


def waited(visit: Visit) -> float:
    assert visit.waited is not None, "the day ended and nobody waits any more"
    return visit.waited


def of_class(visits: list[Visit], queue: str) -> list[Visit]:
    return [visit for visit in visits if visit.stream.queue == queue]


def test_the_theory_itself_gives_the_published_values() -> None:
    assert ErlangC(4 / 100, 100, 5).waiting == pytest.approx(128 / 231)
    assert ErlangC(60 / HOUR, 180, 5).answered_within(20) == pytest.approx(0.8109045783)
    assert ErlangC(100 / HOUR, 300, 10).mean_wait == pytest.approx(87.769909)
    assert ErlangA(60 / HOUR, 60, 1, 60).abandoned == pytest.approx(0.3678794412)
    assert ErlangA(100 / HOUR, 300, 9, 120).mean_wait == pytest.approx(15.542435)
    rates = [30 / HOUR, 40 / HOUR, 30 / HOUR]
    assert strict_waits(rates, 300, 10) == pytest.approx([19.5044, 46.8106, 210.6478], abs=1e-4)
    assert accumulating_waits(rates, [1, 4, 16], 300, 10) == pytest.approx(
        [170.2204, 68.7429, 30.6888], abs=1e-4
    )


def test_without_patience_the_limit_of_erlang_a_is_erlang_c() -> None:
    patient = ErlangA(60 / HOUR, 180, 5, 1e9)

    assert patient.waiting == pytest.approx(ErlangC(60 / HOUR, 180, 5).waiting, rel=1e-4)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_waits_are_those_of_erlang_c() -> None:
    exact = ErlangC(60 / HOUR, HANDLE, 5)

    visits, waits = a_day(Stream(queue="calls", per_hour=60, handle=HANDLE), 5, 30_000)

    had_to = [float(wait > 0) for wait in waits]
    assert_close(measured(had_to, visits), exact.waiting, cap=0.10)
    within = [float(wait <= 20) for wait in waits]
    assert_close(measured(within, visits), exact.answered_within(20), cap=0.03)
    assert_close(measured(waits, visits), exact.mean_wait, cap=0.25)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("per_hour", "handle", "agents", "patience", "arrivals"),
    [(60, 60, 1, 60, 15_000), (100, 300, 9, 120, 30_000)],
    ids=["one agent", "nine agents"],
)
def test_waits_of_impatient_clients_are_those_of_erlang_a(
    per_hour: float, handle: float, agents: int, patience: float, arrivals: int
) -> None:
    exact = ErlangA(per_hour / HOUR, handle, agents, patience)
    stream = Stream(queue="calls", per_hour=per_hour, handle=handle, patience=patience)

    visits, waits = a_day(stream, agents, arrivals)

    had_to = [float(wait > 0) for wait in waits]
    assert_close(measured(had_to, visits), exact.waiting, cap=0.05)
    gone = [float(visit.abandoned) for visit in visits]
    assert_close(measured(gone, visits), exact.abandoned, cap=0.08)
    assert_close(measured(waits, visits), exact.mean_wait, cap=0.08)


def classes(priorities: list[Priority]) -> list[Visit]:
    streams = [
        Stream(queue=queue, per_hour=rate, handle=HANDLE, priority=priority)
        for queue, rate, priority in zip(CLASSES, PER_HOUR, priorities, strict=True)
    ]
    return VirtualDay(streams, AGENTS, seed=2).run(45_000)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_waits_under_strict_bands_are_those_of_cobham() -> None:
    rates = [rate / HOUR for rate in reversed(PER_HOUR)]
    exact = reversed(strict_waits(rates, HANDLE, AGENTS))

    visits = classes([Priority(band=band) for band in (0, 1, 2)])

    for queue, wait in zip(CLASSES, exact, strict=True):
        mine = of_class(visits, queue)
        assert_close(measured([waited(visit) for visit in mine], mine), wait, cap=0.25)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_waits_under_weights_are_those_of_accumulating_priority() -> None:
    rates = [rate / HOUR for rate in PER_HOUR]
    exact = accumulating_waits(rates, [1, 4, 16], HANDLE, AGENTS)

    visits = classes(
        [
            Priority(weight=1, target_us=120 * SECOND),
            Priority(weight=2, target_us=60 * SECOND),
            Priority(weight=8, target_us=60 * SECOND),
        ]
    )

    for queue, wait in zip(CLASSES, exact, strict=True):
        mine = of_class(visits, queue)
        assert_close(measured([waited(visit) for visit in mine], mine), wait, cap=0.25)
