"""Agents and supervisors ask for callbacks, see who is next, and drop what nobody needs."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.desk_api import RefusedError
from tests.web.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_callback_is_listed_with_its_place_and_dropped_again(world: World) -> None:
    await world.supervisor.put(
        f"agents/{world.south.agent.me['agent']['id']}/presence", {"state": "offline"}
    )
    ticket = await world.arrives(world.south, "call-1", "Call me", subject="call")
    contact = ticket["contact"]["id"]

    asked = await world.supervisor.post(
        f"contacts/{contact}/callback", {"number": "+380 44 1234567", "note": "after noon"}
    )
    listed = await world.supervisor.get("callbacks", queue_id=world.south.queue)
    shown = (await world.south.agent.get(f"tickets/{ticket['ticket']['id']}"))["contact"]

    assert [(one["id"], one["state"], one["number"]) for one in listed] == [
        (asked["id"], "waiting", "+380 44 1234567")
    ]
    assert listed[0]["ahead"] is not None
    assert listed[0]["p50_seconds"] <= listed[0]["p80_seconds"]
    assert shown["callback"] == {"id": asked["id"], "number": asked["number"], "note": "after noon"}
    assert await world.north.agent.get("callbacks") == []
    with pytest.raises(RefusedError) as refused:
        await world.north.agent.delete(f"callbacks/{asked['id']}")
    assert refused.value.status == 404

    await world.south.agent.delete(f"callbacks/{asked['id']}")

    assert await world.supervisor.get("callbacks", queue_id=world.south.queue) == []
    still = (await world.south.agent.get(f"tickets/{ticket['ticket']['id']}"))["contact"]
    assert (still["state"], still["callback"]) == ("queued", None)


async def test_callbacks_are_counted_and_lead_to_their_contacts(world: World) -> None:
    day = datetime.now(UTC) - timedelta(hours=12), datetime.now(UTC) + timedelta(hours=1)
    period = {"from": day[0].isoformat(), "to": day[1].isoformat()}

    async def of_queue() -> list[str]:
        page = await world.supervisor.get(
            "reports/visits", **period, queue_id=world.south.queue, callbacks=True, limit=200
        )
        assert all(one["callback"] for one in page["items"])
        return [one["contact"]["id"] for one in page["items"]]

    before = await of_queue()
    ticket = await world.arrives(world.south, "call-3", "Call me", subject="count")
    await world.supervisor.post(f"contacts/{ticket['contact']['id']}/callback", {})

    assert await of_queue() == [ticket["contact"]["id"], *before]
    shown = await world.supervisor.get("floor/figures", since=period["from"])
    (figures,) = [one["figures"] for one in shown["queues"] if one["queue_id"] == world.south.queue]
    assert figures["callbacks"] == 1 + len(before)
    ended = figures["answered"] + figures["abandoned"] + figures["flowed_out"]
    assert figures["offered"] == ended + figures["waiting"]


async def test_one_at_a_wished_time_comes_back_by_itself(world: World) -> None:
    ticket = await world.arrives(world.south, "call-2", "Call me later", subject="later")
    contact, soon = ticket["contact"]["id"], datetime.now(UTC) + timedelta(seconds=2)
    async with world.supervisor.live() as live:
        planned = await world.supervisor.post(
            f"contacts/{contact}/callback", {"due_at": soon.isoformat()}
        )
        ended = await live.next("ContactEnded")
        back = await live.next("ContactQueued")

    assert (planned["state"], planned["contact_id"]) == ("planned", None)
    assert (ended["data"]["state"], back["ticket_id"]) == ("flowed_out", ticket["ticket"]["id"])
    assert back["data"]["virtual_arrival"] == ended_place(ticket)
    again = (await world.south.agent.get(f"tickets/{ticket['ticket']['id']}"))["contact"]
    assert (again["id"], again["callback"]["id"]) == (back["contact_id"], planned["id"])


def ended_place(ticket: dict[str, dict[str, str]]) -> str:
    return ticket["contact"]["virtual_arrival"]


@pytest.mark.parametrize("body", [{"number": "<script>"}, {"due_at": "2000-01-01T00:00:00Z"}])
async def test_what_cannot_be_meant_is_refused(world: World, body: dict[str, str]) -> None:
    ticket = await world.arrives(world.south, f"call-{body}", "Hi", subject="wrong")

    with pytest.raises(RefusedError) as refused:
        await world.supervisor.post(f"contacts/{ticket['contact']['id']}/callback", body)

    assert (refused.value.status, refused.value.field) == (422, next(iter(body)))
