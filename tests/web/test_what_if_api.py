"""A supervisor tries out a day: two side by side, told as it goes, ended by hanging up."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from contact_center.app import open_center
from contact_center.settings import Settings
from kernel.clock import SystemClock
from kernel.secrets import Secret
from tests.desk_api import WAIT_SECONDS, DeskApi, RefusedError, serving
from tests.ports import free_port
from tests.templates import lay_migrated

pytestmark = pytest.mark.asyncio(loop_scope="module")

SMALL = {
    "starts": "09:00",
    "ends": "11:00",
    "queues": [{"name": "Support"}],
    "arrivals": [{"queue": "Support", "per_hour": 40, "patience_seconds": 120}],
    "agents": [{"name": "All", "count": 2, "queues": ["Support"]}],
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DeskApi]:
    """One center for the module: nothing here leaves a trace."""
    folder = tmp_path_factory.mktemp("what-if")
    settings = Settings(
        data_dir=folder / "var",
        database_url=Secret(lay_migrated(folder / "center.db")),
        listen_port=free_port(),
    )
    async with open_center(settings, SystemClock()) as center, serving(center) as api:
        yield api


async def rehearse(desk: DeskApi, *scenarios: Any) -> tuple[int, list[dict[str, Any]]]:
    status, _, body = await desk.raw(
        "POST",
        "/api/v1/what-if/rehearsals",
        headers={"Origin": desk._origin},
        json={"scenarios": scenarios},
    )
    return status, [json.loads(line) for line in body.splitlines()]


async def test_two_days_come_back_side_by_side(desk: DeskApi) -> None:
    more = SMALL | {"agents": [{"name": "All", "count": 4, "queues": ["Support"]}]}

    status, lines = await rehearse(desk, SMALL, more)

    assert status == 200
    assert [line["done"] for line in lines] == [0, 1, 2, 2]
    now, then = lines[-1]["reports"]
    assert now["contacts"] == then["contacts"]
    assert then["total"]["service_level"] > now["total"]["service_level"]
    assert now["queues"][0]["intervals"][0]["required"]["agents"] >= 1


async def test_the_example_can_be_rehearsed_as_it_is(desk: DeskApi) -> None:
    example = await desk.get("what-if/example")

    _, lines = await rehearse(desk, example | {"days": 1})

    assert lines[-1]["reports"][0]["contacts"] > 100


async def test_a_center_without_a_past_has_no_day_of_its_own(desk: DeskApi) -> None:
    with pytest.raises(RefusedError) as refused:
        await desk.get("what-if/day", days=7, timezone="Europe/Kyiv")

    assert refused.value.code == "not_found"


async def test_an_unknown_time_zone_is_named(desk: DeskApi) -> None:
    with pytest.raises(RefusedError) as refused:
        await desk.get("what-if/day", timezone="Mars/Olympus")

    assert (refused.value.status, refused.value.field) == (422, "timezone")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"days": 11}, "scenarios[0].days"),
        ({"arrivals": [{"queue": "Sales", "per_hour": 1}]}, "arrivals[0].queue"),
        ({"ends": "08:00"}, "ends"),
        ({"interval_minutes": 7}, "scenarios[0].interval_minutes"),
    ],
)
async def test_what_does_not_fit_is_refused_with_its_field(
    desk: DeskApi, change: dict[str, Any], field: str
) -> None:
    status, lines = await rehearse(desk, SMALL | change)

    assert (status, lines[0]["field"]) == (422, field)


@pytest.mark.slow
async def test_whoever_hangs_up_ends_it_and_another_can_begin(desk: DeskApi) -> None:
    long = SMALL | {"ends": "24:00", "days": 10}
    async with desk._http.post(
        desk.url / "api/v1/what-if/rehearsals",
        json={"scenarios": [long, long]},
        headers={"Origin": desk._origin},
    ) as answer:
        await answer.content.readline()
        busy, _ = await rehearse(desk, SMALL)
        answer.close()

    assert busy == 409
    async with asyncio.timeout(WAIT_SECONDS):
        while (await rehearse(desk, SMALL))[0] != 200:
            await desk.get("what-if/example")


async def test_the_server_answers_others_meanwhile(desk: DeskApi) -> None:
    running = asyncio.create_task(rehearse(desk, SMALL | {"days": 3}))
    answers = 0
    while not running.done():
        await desk.get("what-if/example")
        answers += 1

    assert answers > 1
    assert (await running)[0] == 200


async def test_agents_do_not_try_out_days(desk: DeskApi) -> None:
    async with desk.colleague() as agent:
        assert (await rehearse(agent, SMALL))[0] == 403
