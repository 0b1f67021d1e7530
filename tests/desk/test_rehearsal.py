"""Days are rehearsed in a child: one rehearsal at a time, the same figures, ended when unwanted."""

from collections.abc import Sequence
from contextlib import aclosing

import msgspec
import pytest

from desk.rehearsal import Progress, Rehearsals
from kernel.errors import ConflictError, InvalidInputError
from routing.forecast.reading import example_text, read_scenario
from routing.forecast.report import rehearsed
from routing.forecast.scenario import Scenario


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return msgspec.structs.replace(read_scenario(example_text()), days=2)


async def steps(rehearsals: Rehearsals, *scenarios: Scenario) -> Sequence[Progress]:
    return [step async for step in rehearsals.run(scenarios, "Olena")]


async def test_it_tells_how_far_it_is_and_at_last_what_was_found(scenario: Scenario) -> None:
    told = await steps(Rehearsals(), scenario)

    assert [(one.done, one.days) for one in told] == [(0, 2), (1, 2), (2, 2), (2, 2)]
    assert [len(one.reports) for one in told] == [0, 0, 0, 1]


@pytest.mark.slow
async def test_another_process_finds_the_same(scenario: Scenario) -> None:
    """Its hashes are seeded otherwise."""
    told = await steps(Rehearsals(), scenario)

    assert told[-1].reports[0] == rehearsed(scenario)


async def test_only_one_may_go_on_at_a_time(scenario: Scenario) -> None:
    rehearsals = Rehearsals()
    async with aclosing(rehearsals.run([scenario], "Olena")) as first:
        await anext(first)
        with pytest.raises(ConflictError, match="Olena"):
            await steps(rehearsals, scenario)

    assert (await steps(rehearsals, scenario))[-1].reports


async def test_who_stops_looking_ends_it(scenario: Scenario) -> None:
    rehearsals = Rehearsals()
    async with aclosing(rehearsals.run([scenario], "Olena")) as running:
        await anext(running)
        await anext(running)

    assert rehearsals._by is None


async def test_what_would_take_too_long_is_refused_at_once(scenario: Scenario) -> None:
    busy = [msgspec.structs.replace(one, per_interval=[2_000] * 12) for one in scenario.arrivals]

    with pytest.raises(InvalidInputError) as days:
        await steps(Rehearsals(), msgspec.structs.replace(scenario, days=11))
    with pytest.raises(InvalidInputError) as crowd:
        await steps(Rehearsals(), msgspec.structs.replace(scenario, arrivals=busy))

    assert days.value.field == "scenarios[0].days"
    assert crowd.value.field == "scenarios[0].arrivals"
