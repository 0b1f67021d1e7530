"""Notifications over the API: told live and kept, read once for all tabs, chosen by each agent."""

from typing import Any
from uuid import uuid4

import pytest

from tests.desk_api import RefusedError
from tests.web.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def given_a_ticket(world: World) -> dict[str, Any]:
    """A ticket of the north, assigned to its agent by the administrator."""
    name = uuid4().hex
    seen = await world.arrives(world.north, name, "Hello there", subject=name)
    ticket: dict[str, Any] = seen["ticket"]
    agent_id = world.north.agent.me["agent"]["id"]
    async with world.north.agent.live() as live:
        await world.admin.patch(
            f"tickets/{ticket['id']}", {"version": ticket["version"], "assignee_id": agent_id}
        )
        told = await live.next("Notified", event="assigned")
    assert told["ticket_id"] == ticket["id"]
    return ticket


async def newest(world: World, **query: Any) -> dict[str, Any]:
    page: dict[str, Any] = await world.north.agent.get("notifications", **query)
    return page


async def test_a_notification_is_told_live_kept_and_leads_to_its_ticket(world: World) -> None:
    before = (await newest(world))["unread"]

    ticket = await given_a_ticket(world)

    page = await newest(world)
    assert page["unread"] == before + 1
    assert page["items"][0]["event"] == "assigned"
    assert page["items"][0]["ticket"]["id"] == ticket["id"]
    assert page["items"][0]["ticket"]["subject"] == ticket["subject"]
    others = (await world.south.agent.get("notifications"))["items"]
    assert ticket["id"] not in {(one["ticket"] or {}).get("id") for one in others}


async def test_the_list_goes_on_where_a_page_ended(world: World) -> None:
    for _ in range(2):
        await given_a_ticket(world)
    whole = [one["id"] for one in (await newest(world))["items"]]

    first = await newest(world, limit=1)
    second = await newest(world, limit=1, cursor=first["next"])

    assert [first["items"][0]["id"], second["items"][0]["id"]] == whole[:2]


async def test_what_is_read_is_read_in_every_tab(world: World) -> None:
    agent = world.north.agent
    await given_a_ticket(world)
    (told,) = (await newest(world, limit=1))["items"]
    async with agent.live() as other_tab:
        await agent.post("notifications/read", {"ids": [told["id"]]})
        await other_tab.next("NotificationsRead")

    assert told["id"] not in {one["id"] for one in (await newest(world, unread=1))["items"]}
    left = await agent.post("notifications/read", {"until": told["at"]})
    assert left["unread"] == 0


async def test_opening_the_ticket_reads_its_notifications(world: World) -> None:
    agent, ticket = world.north.agent, await given_a_ticket(world)
    messages = (await agent.get(f"tickets/{ticket['id']}"))["messages"]

    await agent.put(f"tickets/{ticket['id']}/read", {"message_id": messages[-1]["id"]})

    (told,) = (await newest(world, limit=1))["items"]
    assert told["read"] is True


async def test_nobody_reads_the_notifications_of_others(world: World) -> None:
    await given_a_ticket(world)
    (told,) = (await newest(world, limit=1))["items"]

    await world.south.agent.post("notifications/read", {"ids": [told["id"]]})

    (still,) = (await newest(world, limit=1))["items"]
    assert still["read"] is False


async def test_choices_are_kept_on_the_server_and_others_keep_theirs(world: World) -> None:
    north, south = world.north.agent, world.south.agent
    first = await north.get("notification-choices")
    assert first["chosen"] is False
    wanted = {
        **first["choices"],
        "quiet": {"on": True, "starts": "19:00", "ends": "07:30"},
        "timezone": "Europe/Kyiv",
    }

    await north.put("notification-choices", wanted)

    assert await north.get("notification-choices") == {"chosen": True, "choices": wanted}
    assert (await south.get("notification-choices"))["chosen"] is False


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("digest", "weekly"),
        ("digest_at", "25:00"),
        ("quiet", {"on": True, "starts": "8 o'clock", "ends": "07:30"}),
        ("ways", {"offer": {"smoke": True}}),
        ("ways", {"nothing": {}}),
    ],
)
async def test_choices_that_make_no_sense_are_refused(
    world: World, field: str, value: object
) -> None:
    with pytest.raises(RefusedError) as refused:
        await world.north.agent.put("notification-choices", {field: value})
    assert refused.value.status == 422
    assert refused.value.field.startswith(field)
