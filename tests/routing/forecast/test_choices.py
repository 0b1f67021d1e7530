"""Offers are declined and missed, clients call again and are called back: all are counted."""

from itertools import pairwise
from typing import Any

import msgspec
import pytest

from kernel.errors import InvalidInputError
from kernel.limits import DECLINE_COOL_DOWN
from routing.forecast.clients import SECOND, clients
from routing.forecast.reading import example_text, read_scenario
from routing.forecast.report import Figures, Report, rehearsed
from routing.forecast.scenario import Scenario
from tests.routing.forecast.test_replay import ALL_DAY, a_report, a_scenario

GROUP: dict[str, Any] = {"name": "All", "count": 2, "queues": ["Q"]}
ONE_CLIENT = 3
"""A seed that draws one client where so few are expected."""
STREAM: dict[str, Any] = {"queue": "Q", "per_hour": 40, "patience_seconds": 90}
EVERYTHING = {
    "arrivals": [STREAM | {"redial_percent": 60, "callback_percent": 30}],
    "agents": [GROUP | {"count": 4, "decline_percent": 20, "miss_percent": 10}],
}


def parts_of(report: Report) -> list[Figures]:
    figures = [report.total, *(one.figures for one in report.intervals)]
    for queue in report.queues:
        figures += [queue.total, *(one.figures for one in queue.intervals)]
    return figures


def test_with_everything_at_once_every_visit_is_accounted_for() -> None:
    report = a_report(**EVERYTHING)

    total = report.total
    assert min(total.redials, total.callbacks, total.declined, total.missed) > 0
    assert total.offered == report.contacts + total.redials + total.callbacks
    for part in parts_of(report):
        ended = part.answered + part.abandoned + part.flowed_out
        assert part.offered == ended + part.waiting


def test_the_same_seed_is_the_same_luck() -> None:
    assert a_report(**EVERYTHING) == a_report(**EVERYTHING)


def test_chances_of_nothing_change_nothing() -> None:
    scenario = read_scenario(example_text())
    times = {"redial_after_seconds": 7, "redials_most": 9, "callback_after_seconds": 1}
    arrivals = [msgspec.structs.replace(one, **times) for one in scenario.arrivals]
    agents = [msgspec.structs.replace(one, back_after_seconds=7) for one in scenario.agents]

    changed = msgspec.structs.replace(scenario, arrivals=arrivals, agents=agents, days=1)

    assert rehearsed(changed) == rehearsed(msgspec.structs.replace(scenario, days=1))


def test_first_calls_are_the_same_whoever_calls_again() -> None:
    once, often = a_scenario(arrivals=[STREAM]), a_scenario(**EVERYTHING)

    assert list(clients(once, 1)) == list(clients(often, 1))


def test_where_nobody_answers_everybody_calls_as_often_as_may_be() -> None:
    """Exact: each client comes once by itself and twice again, and gives up three times."""
    stream = {"queue": "Q", "per_interval": [50, 0, 0, 0], "patience_seconds": 20}
    again = {"redial_percent": 100, "redials_most": 2, "redial_after_seconds": 60}

    report = a_report(
        starts="09:00", ends="13:00", interval_minutes=60, arrivals=[stream | again], agents=[]
    )

    assert report.total.redials == 2 * report.contacts > 0
    assert report.total.offered == report.total.abandoned == 3 * report.contacts


def test_half_of_those_who_gave_up_call_again() -> None:
    """Geometric: with a chance p of calling again, 1 / (1 - p) calls a client."""
    stream = STREAM | {"patience_seconds": 5, "redial_percent": 50, "redials_most": 10}

    report = a_report(**ALL_DAY, days=5, arrivals=[stream], agents=[])

    assert report.total.offered / report.contacts == pytest.approx(2, abs=0.07)


def test_the_service_level_is_of_first_calls() -> None:
    """Redials that are answered at once do not make up for first calls that were not."""
    shift = ["11:00-12:00"]
    stream = {"queue": "Q", "per_interval": [30, 0, 0], "patience_seconds": 60}
    again = {"redial_percent": 100, "redials_most": 1, "redial_after_seconds": 7_200}

    report = a_report(
        starts="09:00",
        ends="12:00",
        interval_minutes=60,
        arrivals=[stream | again],
        agents=[GROUP | {"count": 99, "shifts": shift}],
    )

    nine, _, eleven = (one.figures for one in report.intervals)
    assert nine.service_level == 0
    assert eleven.redials_answered == eleven.redials == eleven.answered > 0
    assert (eleven.service_level, eleven.within_target) == (None, 0)
    assert report.total.service_level == 0


def test_who_is_called_back_keeps_the_place_as_if_waiting_on() -> None:
    """Exact: all hang up at once, and are answered at the second they would have been."""
    fixed = {"handle_times": "fixed", "per_hour": 22}
    patient = a_report(arrivals=[STREAM | fixed | {"patience_seconds": None}]).total

    called = {"callback_percent": 100, "callback_after_seconds": 0}
    total = a_report(arrivals=[STREAM | fixed | called]).total

    assert (total.abandoned, total.offered) == (0, 2 * patient.offered)
    assert total.callbacks == total.flowed_out == patient.offered
    assert total.callbacks_answered == patient.answered
    assert total.callback_wait_mean == patient.wait_mean
    assert (total.wait_mean, total.service_level) == (None, 0)


def test_who_declines_is_asked_again_after_the_cool_down() -> None:
    """Exact: one client, and one agent who takes three seconds each time to decline it."""
    alone = {"arrivals": [{"queue": "Q", "per_hour": 0.1}], "seed": ONE_CLIENT}
    scenario = a_scenario(**alone, agents=[GROUP | {"count": 1, "decline_percent": 100}])
    (client,) = clients(scenario, ONE_CLIENT)

    report = rehearsed(scenario)

    left = 17 * 3600 - client.arrives / SECOND
    cycle = 3 + DECLINE_COOL_DOWN.total_seconds()
    assert report.total.declined == (left - 3) // cycle + 1
    assert report.total.waiting == 1


def test_who_misses_offers_is_away_in_between() -> None:
    """Exact: half a minute of ringing and ten of being away, as long as somebody waits."""
    scenario = a_scenario(
        **ALL_DAY, agents=[GROUP | {"count": 1, "miss_percent": 100, "back_after_seconds": 600}]
    )
    first = next(iter(clients(scenario, 1)))

    report = rehearsed(scenario)

    left = 24 * 3600 - first.arrives / SECOND
    assert report.total.missed == (left - 30) // 630 + 1
    assert report.total.answered == 0


def test_who_is_away_after_a_missed_offer_is_not_idle() -> None:
    stream = {"queue": "Q", "per_hour": 20, "handle_seconds": 60}
    never = a_report(arrivals=[stream]).total.occupancy

    often = a_report(
        arrivals=[stream],
        agents=[GROUP | {"miss_percent": 50, "back_after_seconds": 300}],
    ).total.occupancy

    assert never is not None
    assert often is not None
    assert often > 1.3 * never


def test_a_shift_that_ends_meanwhile_is_over() -> None:
    report = a_report(
        starts="09:00",
        ends="12:00",
        interval_minutes=60,
        arrivals=[{"queue": "Q", "per_hour": 30}],
        agents=[
            GROUP | {"miss_percent": 100, "back_after_seconds": 1_800, "shifts": ["09:00-09:20"]}
        ],
    )

    nine, *later = (one.figures for one in report.intervals)
    assert nine.missed == 2, "each of the two once, and the shift is over before they are back"
    assert sum(one.missed for one in later) == 0


def test_more_who_decline_make_others_wait_longer() -> None:
    shares = (0, 30, 60)
    waits = [
        a_report(agents=[GROUP | {"count": 3, "decline_percent": share}]).total.wait_mean
        for share in shares
    ]

    assert all((fewer or 0) < (more or 0) for fewer, more in pairwise(waits))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"agents": [GROUP | {"decline_percent": 60, "miss_percent": 41}]}, "agents[0].miss_perc"),
        (
            {"arrivals": [{"queue": "Q", "per_hour": 1, "redial_percent": 5}]},
            "arrivals[0].redial_percent",
        ),
        ({"arrivals": [STREAM | {"per_hour": 200_000, "redial_percent": 100}]}, "arrivals"),
    ],
)
def test_chances_that_do_not_fit_are_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        a_scenario(**change)

    assert (refused.value.field or "").startswith(field)


def test_percentages_are_checked() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"queues": [], "arrivals": [STREAM | {"redial_percent": 101}]}, Scenario)
