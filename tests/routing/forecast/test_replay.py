"""A rehearsed day is the same every time, adds up, and behaves as theory and rules say."""

from typing import Any

import msgspec
import pytest

from routing.forecast.clients import clients
from routing.forecast.erlang import erlang_a, erlang_c
from routing.forecast.reading import check, example_text, read_scenario
from routing.forecast.report import Report, rehearsed
from routing.forecast.scenario import Scenario

ALL_DAY = {"starts": "00:00", "ends": "24:00", "interval_minutes": 60}


def a_scenario(**more: Any) -> Scenario:
    """A queue with ten calls an hour and two people, unless told otherwise."""
    told: dict[str, Any] = {
        "queues": [{"name": "Q"}],
        "arrivals": [{"queue": "Q", "per_hour": 10}],
        "agents": [{"name": "All", "count": 2, "queues": ["Q"]}],
    }
    scenario = msgspec.convert(told | more, Scenario)
    check(scenario)
    return scenario


def a_report(**more: Any) -> Report:
    return rehearsed(a_scenario(**more))


@pytest.fixture(scope="module")
def example() -> Report:
    return rehearsed(read_scenario(example_text()))


@pytest.mark.slow
def test_the_same_seed_is_the_same_day(example: Report) -> None:
    again = rehearsed(read_scenario(example_text()))

    assert msgspec.json.encode(again) == msgspec.json.encode(example)


def test_another_seed_is_another_day() -> None:
    assert a_report(seed=1).total != a_report(seed=2).total


def test_the_clients_are_the_same_whoever_works() -> None:
    few, many = a_scenario(), a_scenario(agents=[])

    assert list(clients(few, 1)) == list(clients(many, 1))


def test_every_visit_is_accounted_for_in_every_interval(example: Report) -> None:
    parts = [example.total, *(one.figures for one in example.intervals)]
    for queue in example.queues:
        parts += [queue.total, *(one.figures for one in queue.intervals)]

    for part in parts:
        ended = part.answered + part.abandoned + part.flowed_out
        assert part.offered == ended + part.waiting


def test_intervals_and_queues_add_up_to_the_day(example: Report) -> None:
    for queue in example.queues:
        assert sum(one.figures.offered for one in queue.intervals) == queue.total.offered
    assert sum(queue.total.answered for queue in example.queues) == example.total.answered
    assert example.total.offered >= example.contacts


@pytest.mark.slow
def test_two_more_agents_shorten_the_wait(example: Report) -> None:
    scenario = read_scenario(example_text())
    early, *others = scenario.agents
    more = msgspec.structs.replace(early, count=early.count + 2)

    changed = rehearsed(msgspec.structs.replace(scenario, agents=[more, *others]))

    assert changed.contacts == example.contacts
    assert (changed.total.wait_mean or 0) < (example.total.wait_mean or 0)
    assert (changed.total.service_level or 0) > (example.total.service_level or 0)


@pytest.mark.slow
def test_waits_are_about_those_of_erlang_a() -> None:
    """A coarse look at the whole chain; the engine itself is measured finely elsewhere."""
    exact = erlang_a(100 / 3600, 300, 9, 20, 120)

    day = a_report(
        **ALL_DAY,
        days=2,
        queues=[{"name": "Q", "target_seconds": 20}],
        arrivals=[{"queue": "Q", "per_hour": 100, "patience_seconds": 120}],
        agents=[{"name": "All", "count": 9, "queues": ["Q"], "answer_seconds": 0}],
    ).total

    assert day.abandoned / day.offered == pytest.approx(exact.abandoned, abs=0.02)
    assert day.occupancy == pytest.approx(exact.occupancy, abs=0.02)
    # Short abandons do not count against the level.
    assert day.within_target / day.offered == pytest.approx(exact.within_target, abs=0.03)


def test_waits_of_the_patient_are_about_those_of_erlang_c() -> None:
    exact = erlang_c(60 / 3600, 180, 5, 20)

    day = a_report(
        **ALL_DAY,
        days=2,
        queues=[{"name": "Q", "target_seconds": 20}],
        arrivals=[{"queue": "Q", "per_hour": 60, "handle_seconds": 180}],
        agents=[{"name": "All", "count": 5, "queues": ["Q"], "answer_seconds": 0}],
    ).total

    assert day.service_level == pytest.approx(exact.within_target, abs=0.03)
    assert day.wait_mean == pytest.approx(exact.mean_wait, rel=0.25)


def test_the_wait_includes_the_ringing() -> None:
    report = a_report(agents=[{"name": "All", "count": 50, "queues": ["Q"], "answer_seconds": 7}])

    assert report.total.wait_p50 == 7
    assert report.total.wait_p95 == 7


def test_who_comes_when_nobody_works_still_waits() -> None:
    report = a_report(agents=[])

    assert report.total.waiting == report.total.offered > 0
    assert report.total.service_level == 0
    assert report.total.occupancy is None


def test_only_those_on_shift_answer() -> None:
    report = a_report(
        starts="09:00",
        ends="13:00",
        interval_minutes=60,
        arrivals=[{"queue": "Q", "per_hour": 30, "patience_seconds": 60}],
        agents=[
            {
                "name": "All",
                "count": 9,
                "queues": ["Q"],
                "shifts": ["10:00-12:00"],
                "answer_seconds": 0,
            }
        ],
    )

    nine, ten, eleven, twelve = (one.figures for one in report.queues[0].intervals)
    assert nine.abandoned > nine.answered
    assert (ten.abandoned, eleven.abandoned) == (0, 0)
    assert twelve.answered == 0


def test_what_was_begun_in_the_shift_is_finished_after_it() -> None:
    report = a_report(
        starts="09:00",
        ends="11:00",
        interval_minutes=60,
        arrivals=[
            {
                "queue": "Q",
                "per_interval": [60, 0],
                "handle_seconds": 1_800,
                "handle_times": "fixed",
            }
        ],
        agents=[{"name": "All", "count": 3, "queues": ["Q"], "shifts": ["09:00-10:00"]}],
    )

    after = report.intervals[1].figures
    assert after.occupancy == 1.0, "who is there after the shift is there to finish"


def test_skills_rings_and_overflow_are_those_of_the_engine() -> None:
    report = a_report(
        queues=[
            {
                "name": "French",
                "skills": {"French": 2},
                "rings": [{"after_seconds": 60, "skills": {"French": 1}}],
            },
            {"name": "Anybody", "overflow": {"to": "French", "after_seconds": 300}},
        ],
        arrivals=[
            {"queue": "French", "per_hour": 10, "handle_seconds": 10},
            {"queue": "Anybody", "per_hour": 10, "handle_seconds": 10},
        ],
        agents=[{"name": "B", "count": 9, "queues": ["French"], "skills": {"French": 1}}],
    )

    french, anybody = (queue.total for queue in report.queues)
    assert anybody.answered == 0
    assert anybody.flowed_out + anybody.waiting == anybody.offered
    assert anybody.flowed_out > 0
    assert french.offered + anybody.offered - anybody.flowed_out == report.contacts
    assert french.wait_most == 63, "a minute until level 1 suffices, three seconds of ringing"


def test_a_closed_queue_turns_away() -> None:
    queue = {"name": "Q", "open": ["10:00-11:00"], "when_closed": "turn_away"}

    report = a_report(starts="09:00", ends="12:00", interval_minutes=60, queues=[queue])

    nine, ten, eleven = (one.figures for one in report.intervals)
    assert nine.flowed_out == nine.offered > 0
    assert ten.answered == ten.offered > 0
    assert eleven.flowed_out == eleven.offered > 0


def test_wrap_up_keeps_the_agent_busy() -> None:
    stream = {"queue": "Q", "per_hour": 20, "handle_seconds": 60, "handle_times": "fixed"}

    without = a_report(arrivals=[stream]).total.occupancy
    wrapped = a_report(arrivals=[stream | {"wrap_up_seconds": 60}]).total.occupancy

    assert without is not None
    assert wrapped == pytest.approx(2 * without, rel=0.05)


def test_who_takes_two_at_once_is_half_busy_with_one() -> None:
    stream = {"queue": "Q", "per_hour": 5, "handle_seconds": 60}
    group = {"name": "All", "queues": ["Q"], "count": 5}

    alone = a_report(arrivals=[stream], agents=[group]).total.occupancy
    both = a_report(arrivals=[stream], agents=[group | {"capacity": {"chat": 2}}]).total.occupancy

    assert alone is not None
    assert both == pytest.approx(alone / 2, abs=1e-6)
