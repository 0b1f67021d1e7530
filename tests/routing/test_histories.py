"""Whatever happens in whatever order, routing keeps its promises: random histories, checked."""

import pytest

from tests.routing.histories import History


def run(seeds: range) -> None:
    for seed in seeds:
        History(seed).run(steps=60)


@pytest.mark.parametrize("first", range(0, 500, 50))
def test_every_promise_holds_after_every_step_of_a_random_history(first: int) -> None:
    run(range(first, first + 50))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(10_000, 12_000, 250))
def test_every_promise_holds_in_two_thousand_further_histories(first: int) -> None:
    run(range(first, first + 250))
