"""The figures over the API: whole, drilled down to their contacts, and only for supervisors."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.desk_api import RefusedError
from tests.web.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


def a_day() -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "from": (now - timedelta(hours=12)).isoformat(),
        "to": (now + timedelta(minutes=15)).isoformat(),
    }


async def of_queue(world: World, queue: str) -> dict[str, Any]:
    shown = await world.supervisor.get("floor/figures", since=a_day()["from"])
    (found,) = [one for one in shown["queues"] if one["queue_id"] == queue]
    figures: dict[str, Any] = found["figures"]
    return figures


def is_whole(figures: dict[str, Any]) -> bool:
    ended = figures["answered"] + figures["abandoned"] + figures["flowed_out"]
    return bool(figures["offered"] == ended + figures["waiting"])


async def test_what_arrives_is_in_the_figures_when_they_are_asked_for(world: World) -> None:
    before = await of_queue(world, world.north.queue)

    await world.arrives(world.north, uuid4().hex, "Hello", subject="count me")
    after = await of_queue(world, world.north.queue)

    assert after["offered"] == before["offered"] + 1
    assert is_whole(before)
    assert is_whole(after)


async def test_every_interval_is_whole_and_their_sum_is_the_day(world: World) -> None:
    day = await of_queue(world, world.south.queue)

    page = await world.supervisor.get(
        "reports/queues", **a_day(), queue_id=world.south.queue, interval=60
    )

    assert all(is_whole(one["figures"]) for one in page["items"])
    assert sum(one["figures"]["offered"] for one in page["items"]) == day["offered"]


async def test_a_figure_leads_to_the_contacts_it_counts(world: World) -> None:
    day = await of_queue(world, world.south.queue)

    for outcome in ("waiting", "answered", "abandoned", "flowed_out"):
        page = await world.supervisor.get(
            "reports/visits", **a_day(), queue_id=world.south.queue, outcome=outcome, limit=200
        )
        assert len(page["items"]) == day[outcome]
    whole = await world.supervisor.get("reports/visits", **a_day(), queue_id=world.south.queue)
    assert len(whole["items"]) == day["offered"]
    assert all(one["contact"]["ticket_number"] for one in whole["items"])


async def test_what_arrives_is_among_the_contacts_behind_a_figure_at_once(world: World) -> None:
    seen = await world.arrives(world.south, uuid4().hex, "Hello", subject="show me")

    page = await world.supervisor.get(
        "reports/visits", **a_day(), queue_id=world.south.queue, outcome="waiting"
    )

    numbers = [one["contact"]["ticket_number"] for one in page["items"]]
    assert seen["ticket"]["number"] in numbers


async def test_visits_come_page_by_page_each_once(world: World) -> None:
    for number in range(3):
        await world.arrives(world.north, uuid4().hex, f"Hello {number}", subject="page me")
    await of_queue(world, world.north.queue)
    asked: dict[str, Any] = {**a_day(), "queue_id": world.north.queue}
    whole = await world.supervisor.get("reports/visits", **asked, limit=200)

    seen: list[str] = []
    cursor = None
    while True:
        more: dict[str, str] = {} if cursor is None else {"cursor": cursor}
        page = await world.supervisor.get("reports/visits", **asked, **more, limit=2)
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert seen == [one["id"] for one in whole["items"]]


async def test_an_agents_time_is_in_the_report_of_agents(world: World) -> None:
    shown = await world.supervisor.get("floor/figures", since=a_day()["from"])

    nora = next(
        one for one in shown["agents"] if one["agent_id"] == world.north.agent.me["agent"]["id"]
    )
    assert nora["figures"]["available_seconds"] > 0


async def test_a_table_for_a_spreadsheet_names_queues_as_text(world: World) -> None:
    queue = await world.admin.post("queues", {"name": f"=cmd|{uuid4().hex}"})
    await world.deliver()
    path = "/api/v1/reports/queues.csv"

    status, headers, body = await world.supervisor.raw("GET", path, params=a_day())

    assert status == 200
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    assert headers["Content-Disposition"] == 'attachment; filename="queues.csv"'
    assert body.decode("utf-8-sig").startswith("start,minutes,queue,channel,offered,answered")
    assert "\r\n=" not in body.decode()
    await world.admin.delete(f"queues/{queue['id']}")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"from": "2030-01-07T00:00:00"}, "from"),
        ({"to": "2030-01-07T00:00:00Z"}, "to"),
        ({"to": "2032-01-07T00:00:00Z"}, "to"),
        ({"interval": "20"}, "interval"),
        ({"cursor": "x"}, "cursor"),
    ],
)
async def test_a_period_that_makes_no_sense_is_refused(
    world: World, asked: dict[str, str], field: str
) -> None:
    period = {"from": "2030-01-07T00:00:00Z", "to": "2030-01-08T00:00:00Z"}

    with pytest.raises(RefusedError) as refusal:
        await world.supervisor.get("reports/queues", **(period | asked))

    assert (refusal.value.status, refusal.value.field) == (422, field)


async def test_an_agent_sees_no_figures_of_others(world: World) -> None:
    for path in ("floor/figures", "reports/queues", "reports/visits", "alerts", "thresholds"):
        with pytest.raises(RefusedError) as refusal:
            await world.north.agent.get(path, **({} if "/" not in path else a_day()))
        assert refusal.value.status == 403


async def test_a_limit_is_set_changed_and_removed(world: World) -> None:
    vera = world.supervisor.me["agent"]["id"]
    made = await world.supervisor.post(
        "thresholds",
        {"queue_id": world.south.queue, "kind": "waiting", "most": 100, "mail_to": [vera]},
    )
    with pytest.raises(RefusedError) as refusal:
        await world.supervisor.post(
            "thresholds", {"queue_id": world.south.queue, "kind": "waiting", "most": 5}
        )
    assert refusal.value.field == "kind"

    changed = await world.supervisor.patch(
        f"thresholds/{made['id']}", {"version": made["version"], "most": 50, "sound": False}
    )

    assert (changed["most"], changed["sound"], changed["mail_to"]) == (50, False, [vera])
    with pytest.raises(RefusedError) as refusal:
        await world.supervisor.patch(
            f"thresholds/{made['id']}", {"version": made["version"], "most": 1}
        )
    assert refusal.value.status == 409
    await world.supervisor.delete(f"thresholds/{made['id']}")
    assert made["id"] not in {one["id"] for one in await world.supervisor.get("thresholds")}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "waiting", "most": 0}, "most"),
        ({"kind": "service_level", "most": 101}, "most"),
        ({"kind": "lost", "mail_to": [str(uuid4())]}, "mail_to"),
        ({"kind": "lost", "queue_id": str(uuid4())}, "queue_id"),
        ({"kind": "moon"}, "kind"),
    ],
)
async def test_a_limit_that_makes_no_sense_is_refused(
    world: World, body: dict[str, Any], field: str
) -> None:
    with pytest.raises(RefusedError) as refusal:
        await world.supervisor.post("thresholds", {"queue_id": world.north.queue, **body})

    assert (refusal.value.status, refusal.value.field) == (422, field)
