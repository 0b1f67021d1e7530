"""An alert begins when a limit is really crossed and ends when it really is not: no flapping."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from supervision.thresholds import Judge, Kind, Verdict, crossed, recovered

NINE = datetime(2030, 1, 7, 9, 0, tzinfo=UTC)
STEP = timedelta(seconds=5)


def lasting(kind: Kind, most: int, values: Sequence[float | None]) -> str:
    """Look every five seconds; a letter for each look: `R`aised, `E`nded, `-` nothing."""
    judge, is_open, said = Judge(kind, most), False, ""
    for place, value in enumerate(values):
        verdict = judge.look(value, is_open=is_open, now=NINE + place * STEP)
        is_open = verdict is Verdict.RAISE or (is_open and verdict is not Verdict.END)
        said += {Verdict.RAISE: "R", Verdict.END: "E", Verdict.NOTHING: "-"}[verdict]
    return said


@pytest.mark.parametrize(
    ("kind", "most", "value", "is_crossed"),
    [
        (Kind.LONGEST_WAIT, 60, 60, False),
        (Kind.LONGEST_WAIT, 60, 60.1, True),
        (Kind.WAITING, 5, 5, False),
        (Kind.WAITING, 5, 6, True),
        (Kind.SERVICE_LEVEL, 80, 80, False),
        (Kind.SERVICE_LEVEL, 80, 79.9, True),
        (Kind.SERVICE_LEVEL, 80, None, False),
        (Kind.NOBODY_AVAILABLE, 0, 0, True),
        (Kind.NOBODY_AVAILABLE, 0, 1, False),
        (Kind.NOBODY_AVAILABLE, 0, None, False),
        (Kind.LOST, 0, 0, False),
        (Kind.LOST, 0, 1, True),
    ],
)
def test_where_each_limit_lies(
    kind: Kind, most: int, value: float | None, is_crossed: bool
) -> None:
    assert crossed(kind, most, value) is is_crossed


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("most", [1, 5, 9, 10, 80, 100])
@pytest.mark.parametrize("value", [None, 0, 1, 4, 5, 8, 9, 10, 50, 80, 81, 82, 99, 100, 101])
def test_nothing_is_crossed_and_recovered_at_once(
    kind: Kind, most: int, value: float | None
) -> None:
    assert not (crossed(kind, most, value) and recovered(kind, most, value))


def test_a_long_wait_is_told_at_once() -> None:
    assert lasting(Kind.LONGEST_WAIT, 60, [59, 61, 66]) == "-R-"


def test_a_short_peak_is_no_alert() -> None:
    assert lasting(Kind.WAITING, 5, [6, 5, 6, 5, 6, 6, 6]) == "------R"


def test_an_alert_outlives_a_figure_that_swings_around_its_limit() -> None:
    swings = [21, 21, 21, *([20, 21] * 20)]

    assert lasting(Kind.WAITING, 20, swings) == "--R" + "-" * 40


def test_an_alert_ends_after_half_a_minute_of_calm_without_a_break() -> None:
    calm = [18] * 5

    assert (
        lasting(Kind.WAITING, 20, [21, 21, 21, *calm, 19, *calm, 18, 18]) == "--R" + "-" * 12 + "E"
    )


def test_when_nothing_is_to_be_judged_any_more_the_alert_ends() -> None:
    assert lasting(Kind.SERVICE_LEVEL, 80, [50, 50, 50, *([None] * 7)]) == "--R------E"


def test_nobody_is_missed_while_a_colleague_only_reloads_the_page() -> None:
    assert lasting(Kind.NOBODY_AVAILABLE, 0, [0, 0, 0, 1, 0, 0]) == "------"
