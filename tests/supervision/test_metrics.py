"""The figures by which a floor is judged, computed by hand."""

import pytest

from supervision.counts import AgentCounts, QueueCounts
from supervision.metrics import (
    abandon_seconds,
    aht_seconds,
    asa_seconds,
    callback_seconds,
    occupancy,
    service_level,
)

DAY = QueueCounts(
    offered=20,
    answered=14,
    within_target=12,
    abandoned=4,
    short_abandoned=1,
    flowed_out=1,
    handled=10,
    answered_wait_ms=280_000,
    abandoned_wait_ms=100_000,
    handle_ms=2_500_000,
)


def test_offered_is_the_sum_of_what_became_of_them() -> None:
    assert DAY.waiting == 1


def test_the_service_level_leaves_out_who_left_at_once() -> None:
    assert service_level(DAY) == pytest.approx(100 * 12 / 19, abs=0.05)


def test_who_may_still_be_answered_in_time_does_not_count_against_it() -> None:
    assert service_level(DAY, still_in_time=1) == pytest.approx(100 * 12 / 18, abs=0.05)


def test_a_callback_is_no_part_of_the_service_level_but_who_asked_for_it_is() -> None:
    called = QueueCounts(offered=1, answered=1, callbacks=1, callbacks_answered=1)
    asked = QueueCounts(offered=1, flowed_out=1)

    assert service_level(DAY + asked + called) == pytest.approx(100 * 12 / 20, abs=0.05)


def test_the_wait_for_a_callback_is_no_wait_on_the_line() -> None:
    called = QueueCounts(
        offered=2, answered=2, callbacks=2, callbacks_answered=2, callback_wait_ms=240_000
    )

    assert (asa_seconds(DAY + called), callback_seconds(DAY + called)) == (20.0, 120.0)


def test_means_are_over_those_they_concern() -> None:
    assert (asa_seconds(DAY), abandon_seconds(DAY), aht_seconds(DAY)) == (20.0, 25.0, 250.0)


def test_occupancy_is_work_of_work_and_idle_time() -> None:
    assert occupancy(AgentCounts(busy_ms=45_000, idle_ms=15_000, away_ms=600_000)) == 75.0


def test_without_a_base_there_is_no_figure() -> None:
    nothing = QueueCounts()

    assert service_level(nothing) is None
    assert asa_seconds(nothing) is None
    assert callback_seconds(nothing) is None
    assert aht_seconds(nothing) is None
    assert occupancy(AgentCounts()) is None
