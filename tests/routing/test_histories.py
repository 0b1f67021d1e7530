"""Whatever happens in whatever order, routing keeps its promises: random histories, checked."""

import pytest

from tests.routing.histories import History


def run(seeds: range, steps: int) -> None:
    for seed in seeds:
        History(seed).run(steps)


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_every_promise_holds_after_every_step_of_a_random_history(first: int) -> None:
    run(range(first, first + 50), steps=40)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(10_000, 20_000, 1_000))
def test_every_promise_holds_in_ten_thousand_short_histories(first: int) -> None:
    run(range(first, first + 1_000), steps=12)


@pytest.mark.slow
def test_every_promise_holds_in_long_histories() -> None:
    run(range(30_000, 30_040), steps=150)
