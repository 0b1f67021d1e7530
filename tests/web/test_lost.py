"""A contact that nobody can serve is not silently lost: the floor lists it, says why, and helps."""

import pytest

from tests.desk_api import RefusedError
from tests.web.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def lost(world: World) -> list[dict[str, object]]:
    items: list[dict[str, object]] = (await world.supervisor.get("floor/lost"))["items"]
    return items


async def test_who_nobody_can_serve_is_listed_until_somebody_can(world: World) -> None:
    nora = world.north.agent.me["agent"]["id"]
    queue = await world.admin.post("queues", {"name": "Klingon desk", "member_ids": []})
    ticket = await world.arrives(world.north, "lost-1", "nuqneH", subject="lost")
    contact = ticket["contact"]
    assert await lost(world) == []
    await world.supervisor.post(f"contacts/{contact['id']}/move", {"queue_id": queue["id"]})

    (found,) = (await world.supervisor.get("floor/lost"))["items"]

    assert found["contact"]["id"] == contact["id"]
    assert found["since"] > contact["entered_at"]
    assert found["noticed"] is None
    keys = [one["key"] for one in found["why"]]
    assert {"waits", "waits.nobody_serves", "blocked.not_in_queue"} <= set(keys)
    with pytest.raises(RefusedError) as refused:
        await world.north.agent.get("floor/lost")
    assert refused.value.status == 403

    # Reserved for somebody else's queue it stays lost; given to an agent it is found.
    await world.supervisor.post(f"contacts/{contact['id']}/assign", {"agent_id": nora})
    assert await lost(world) == []
    await world.admin.post(f"contacts/{contact['id']}/close")


async def test_an_alert_tells_since_when_somebody_was_told(world: World) -> None:
    queue = await world.admin.post("queues", {"name": "Vulcan desk", "member_ids": []})
    await world.admin.post("thresholds", {"queue_id": queue["id"], "kind": "lost"})
    ticket = await world.arrives(world.north, "lost-2", "Live long", subject="lost")
    async with world.supervisor.live() as live:
        move = {"queue_id": queue["id"]}
        await world.supervisor.post(f"contacts/{ticket['contact']['id']}/move", move)
        raised = await live.next("AlertRaised", what="lost")

    (found,) = await lost(world)

    assert found["noticed"] is not None
    assert raised["queue_id"] == queue["id"]
    await world.admin.post(f"contacts/{ticket['contact']['id']}/close")
