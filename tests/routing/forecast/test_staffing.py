"""As many agents as the promise needs, and not one more."""

import pytest

from kernel.limits import STAFFING_AGENTS
from routing.forecast.erlang import erlang_a, erlang_c
from routing.forecast.reading import example_text, read_scenario
from routing.forecast.scenario import AgentGroup, Arrivals, QueueOfDay, Scenario
from routing.forecast.staffing import Wish, Work, required, required_of

WISH = Wish(service_level=0.8, target=20, occupancy_most=1.0, shrinkage=0.0)


@pytest.mark.parametrize("per_hour", [1, 20, 100, 1_500])
def test_one_agent_fewer_would_break_the_promise(per_hour: int) -> None:
    rate = per_hour / 3600

    patient = required(Work(arrivals=rate, handle=300, patience=None), WISH)
    hasty = required(Work(arrivals=rate, handle=300, patience=120), WISH)

    assert patient is not None
    assert hasty is not None
    assert erlang_c(rate, 300, patient.agents, 20).within_target >= 0.8
    assert erlang_c(rate, 300, patient.agents - 1, 20).within_target < 0.8
    assert erlang_a(rate, 300, hasty.agents, 20, 120).within_target >= 0.8
    if hasty.agents > 1:
        assert erlang_a(rate, 300, hasty.agents - 1, 20, 120).within_target < 0.8
    assert hasty.agents <= patient.agents


def test_a_hundred_calls_in_half_an_hour_need_fourteen_and_with_shrinkage_twenty() -> None:
    """The example of pyworkforce 0.5: 14 raw positions, 20 positions, and these shares."""
    wish = Wish(service_level=0.8, target=20, occupancy_most=0.85, shrinkage=0.3)

    needed = required(Work(arrivals=100 / 1800, handle=180, patience=None), wish)

    assert needed is not None
    assert (needed.agents, needed.staffed, needed.theory) == (14, 20, "erlang_c")
    assert needed.service_level == pytest.approx(0.8883500191794669, abs=1e-6)
    assert needed.occupancy == pytest.approx(0.7142857142857143, abs=1e-6)


def test_nobody_is_planned_to_be_busier_than_allowed() -> None:
    relaxed = Wish(service_level=0.01, target=600, occupancy_most=0.5, shrinkage=0.0)

    needed = required(Work(arrivals=10 / 60, handle=60, patience=None), relaxed)

    assert needed is not None
    assert needed.agents == 20
    assert needed.occupancy == pytest.approx(0.5)


def test_who_takes_three_chats_at_once_is_as_good_as_three() -> None:
    alone = required(Work(arrivals=1 / 60, handle=300, patience=None), WISH)
    shared = required(Work(arrivals=1 / 60, handle=900, patience=None, at_once=3), WISH)

    assert shared == alone


def test_an_impossible_wish_ends_at_a_bound() -> None:
    wish = Wish(service_level=0.99, target=1, occupancy_most=0.000001, shrinkage=0.0)

    needed = required(Work(arrivals=10.0, handle=3_600, patience=None), wish)

    assert needed is not None
    assert needed.agents == STAFFING_AGENTS


def test_nobody_is_needed_when_nobody_comes() -> None:
    assert required(Work(arrivals=0, handle=300, patience=None), WISH) is None


def test_each_interval_of_a_queue_has_its_own_need() -> None:
    queue = QueueOfDay(name="Calls", target_seconds=20)
    scenario = Scenario(
        starts="09:00",
        ends="12:00",
        interval_minutes=60,
        shrinkage=0.0,
        occupancy_most=1.0,
        queues=[queue],
        arrivals=[
            Arrivals(queue="Calls", channel="voice", per_interval=[0, 200, 20], handle_seconds=180)
        ],
        agents=[AgentGroup(name="All", queues=["Calls"], capacity={"voice": 1})],
    )

    needed = required_of(scenario, queue, [3600] * 3)

    assert [one.agents if one else None for one in needed] == [None, 14, 3]


def test_the_example_needs_somebody_in_every_interval_of_every_queue() -> None:
    scenario = read_scenario(example_text())

    for queue in scenario.queues:
        assert all(required_of(scenario, queue, [3600] * 12))
