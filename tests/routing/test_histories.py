"""Whatever happens in whatever order, routing keeps its promises: random histories, checked."""

import pytest

from tests.routing.histories import History

BATCH = 50


@pytest.mark.parametrize("batch", range(6))
def test_every_promise_holds_after_every_step_of_a_random_history(batch: int) -> None:
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        History(seed).run(steps=60)
