"""An agent's day over the API: saved views, what is new, what sleeps, many changes at once."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.desk_api import DeskApi, RefusedError
from tests.web.chat_scene import png
from tests.web.world import Side, World

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOLVED = {
    "kind": "group",
    "match": "all",
    "rules": [{"kind": "rule", "field": "status", "op": "any_of", "value": ["solved"]}],
}


async def a_ticket(world: World, side: Side) -> dict[str, Any]:
    """A ticket of the side that nobody has looked at."""
    name = uuid4().hex
    seen = await world.arrives(side, name, "Hello there", subject=name)
    ticket: dict[str, Any] = seen["ticket"]
    return ticket


async def row_of(agent: DeskApi, ticket_id: str, **query: Any) -> dict[str, Any] | None:
    page = await agent.get("tickets", limit=200, **query)
    return next((one for one in page["items"] if one["id"] == ticket_id), None)


async def count_of(agent: DeskApi, view: str) -> int:
    counts = {one["view"]: one["count"] for one in await agent.get("tickets/counts")}
    return int(counts[view])


async def test_a_kept_view_lists_and_counts_what_its_conditions_say(world: World) -> None:
    agent = world.north.agent
    ticket = await a_ticket(world, world.north)
    kept = await agent.post("views", {"name": "Done", "conditions": SOLVED})
    assert await row_of(agent, ticket["id"], view=kept["id"]) is None
    before = await count_of(agent, kept["id"])

    await agent.patch(f"tickets/{ticket['id']}", {"version": ticket["version"], "status": "solved"})

    assert await row_of(agent, ticket["id"], view=kept["id"]) is not None
    assert await count_of(agent, kept["id"]) == before + 1
    await agent.delete(f"views/{kept['id']}")
    assert kept["id"] not in {one["view"] for one in await agent.get("tickets/counts")}


async def test_a_private_view_exists_for_its_owner_alone(world: World) -> None:
    north, south = world.north.agent, world.south.agent
    kept = await north.post("views", {"name": "Secret", "conditions": SOLVED})

    assert kept["id"] not in {one["id"] for one in await south.get("views")}
    for call in (
        south.get("tickets", view=kept["id"]),
        south.patch(f"views/{kept['id']}", {"version": kept["version"], "name": "Mine now"}),
        south.delete(f"views/{kept['id']}"),
    ):
        with pytest.raises(RefusedError) as refused:
            await call
        assert refused.value.status == 404
    await north.delete(f"views/{kept['id']}")


async def test_a_view_of_a_team_is_seen_by_its_members_and_made_by_who_may_share(
    world: World,
) -> None:
    shared = {
        "name": "North, done",
        "conditions": SOLVED,
        "audience": "team",
        "team_id": world.north.team,
    }
    with pytest.raises(RefusedError) as refused:
        await world.north.agent.post("views", shared)
    assert refused.value.status == 403

    kept = await world.supervisor.post("views", shared)

    assert kept["id"] in {one["id"] for one in await world.north.agent.get("views")}
    assert kept["id"] not in {one["id"] for one in await world.south.agent.get("views")}
    with pytest.raises(RefusedError) as refused:
        await world.north.agent.delete(f"views/{kept['id']}")
    assert refused.value.status == 403
    await world.supervisor.delete(f"views/{kept['id']}")


async def test_a_view_that_nobody_could_use_is_refused(world: World) -> None:
    agent = world.north.agent
    for body in (
        {"name": "x", "conditions": {"kind": "group", "match": "all", "rules": []}},
        {"name": "x", "conditions": SOLVED, "audience": "team"},
        {"name": "x", "conditions": SOLVED, "team_id": world.north.team},
        {"name": "x", "conditions": SOLVED, "audience": "everybody", "team_id": str(uuid4())},
    ):
        with pytest.raises(RefusedError) as refused:
            await agent.post("views", body)
        assert refused.value.status in {403, 422}
    with pytest.raises(RefusedError) as refused:
        await agent.get("tickets", view="-no-view-")
    assert refused.value.status == 422


async def test_what_an_agent_has_read_is_new_to_the_others_only(world: World) -> None:
    agent, ticket = world.north.agent, await a_ticket(world, world.north)
    messages = (await agent.get(f"tickets/{ticket['id']}"))["messages"]
    assert (await row_of(agent, ticket["id"]) or {})["unread"] == 1

    await agent.put(f"tickets/{ticket['id']}/read", {"message_id": messages[-1]["id"]})

    assert (await row_of(agent, ticket["id"]) or {})["unread"] == 0
    assert (await row_of(world.supervisor, ticket["id"]) or {})["unread"] == 1
    await agent.delete(f"tickets/{ticket['id']}/read")
    assert (await row_of(agent, ticket["id"]) or {})["unread"] == 1


async def test_a_cursor_names_a_message_of_the_ticket(world: World) -> None:
    ticket = await a_ticket(world, world.north)

    with pytest.raises(RefusedError) as refused:
        await world.north.agent.put(
            f"tickets/{ticket['id']}/read", {"message_id": "ffffffff-ffff-7fff-bfff-ffffffffffff"}
        )

    assert (refused.value.status, refused.value.field) == (422, "message_id")


async def test_a_mention_is_counted_until_it_is_read(world: World) -> None:
    agent, ticket = world.north.agent, await a_ticket(world, world.north)
    before = await count_of(agent, "mentions")
    note = await world.supervisor.post(
        f"tickets/{ticket['id']}/messages",
        {
            "id": str(uuid4()),
            "kind": "note",
            "html": "<p>Look</p>",
            "mentions": [agent.me["agent"]["id"]],
        },
    )
    row = await row_of(agent, ticket["id"], view="mentions") or {}
    assert (row["mentioned"], await count_of(agent, "mentions")) == (True, before + 1)

    newest = (await agent.get(f"tickets/{ticket['id']}"))["messages"][-1]["id"]
    await agent.put(f"tickets/{ticket['id']}/read", {"message_id": newest})

    row = await row_of(agent, ticket["id"], view="mentions") or {}
    assert (row["mentioned"], await count_of(agent, "mentions")) == (False, before)
    assert note["mentions"] == [agent.me["agent"]["id"]]


async def test_a_snoozed_ticket_leaves_its_lists_and_the_house_wakes_it(world: World) -> None:
    agent, ticket = world.north.agent, await a_ticket(world, world.north)
    soon = datetime.now(UTC) + timedelta(seconds=0.4)

    async with agent.live() as live:
        slept = await agent.put(
            f"tickets/{ticket['id']}/snooze", {"until": soon.isoformat(), "on_reply": True}
        )
        assert slept["snooze"]["on_reply"] is True
        await live.next("TicketSnoozed", on_reply=True)
        woken = await live.next("TicketWoken", reason="time")

    assert woken["ticket_id"] == ticket["id"]
    row = await row_of(agent, ticket["id"], view="team") or {}
    assert (row["snooze"], row["status"]) == (None, "open")


async def test_many_tickets_change_at_once_and_all_of_it_can_be_undone(world: World) -> None:
    agent = world.north.agent
    me = agent.me["agent"]["id"]
    ids = [(await a_ticket(world, world.north))["id"] for _ in range(3)]
    before = [await row_of(agent, one) for one in ids]

    done = await agent.post(
        "tickets/changes",
        {
            "changes": [
                {"id": one, "assignee_id": me, "add_tags": ["bulk"], "snooze": {"on_reply": True}}
                for one in ids
            ]
        },
    )

    assert [(one["id"], one["ok"]) for one in done] == [(one, True) for one in ids]
    changed = [await row_of(agent, one) or {} for one in ids]
    assert [(one["assignee_id"], one["tags"], one["status"]) for one in changed] == [
        (me, ["bulk"], "waiting")
    ] * 3
    undone = await agent.post(
        "tickets/changes",
        {"changes": [{"id": o["id"], "version": o["version"], **o["before"]} for o in done]},
    )
    assert [one["ok"] for one in undone] == [True] * 3
    told = ("assignee_id", "tags", "status", "snooze")
    after = [await row_of(agent, one) or {} for one in ids]
    assert [{name: one[name] for name in told} for one in after] == [
        {name: (one or {})[name] for name in told} for one in before
    ]


async def test_of_many_changes_those_that_cannot_be_made_say_why(world: World) -> None:
    agent = world.north.agent
    mine, stale = await a_ticket(world, world.north), await a_ticket(world, world.north)
    foreign = world.south.ids["ticket"]

    done = await agent.post(
        "tickets/changes",
        {
            "changes": [
                {"id": mine["id"], "priority": "high"},
                {"id": foreign, "priority": "high"},
                {"id": stale["id"], "version": stale["version"] + 7, "priority": "high"},
            ]
        },
    )

    assert [(one["ok"], one["error"]) for one in done] == [
        (True, ""),
        (False, "not_found"),
        (False, "conflict"),
    ]
    assert (await row_of(agent, mine["id"]) or {})["priority"] == "high"
    assert (await row_of(agent, stale["id"]) or {})["priority"] == "normal"


async def test_a_picture_in_the_text_stands_where_the_writer_put_it(world: World) -> None:
    agent, ticket = world.north.agent, await a_ticket(world, world.north)
    picture = await agent.upload("screen.png", png())

    sent = await agent.post(
        f"tickets/{ticket['id']}/messages",
        {
            "id": str(uuid4()),
            "kind": "reply",
            "html": f'<p>See</p><p><img src="{picture["url"]}" alt="screen.png"></p>',
            "attachment_ids": [picture["id"]],
        },
    )

    assert [(one["inline"], bool(one["content_id"])) for one in sent["attachments"]] == [
        (True, True)
    ]
    _, _, page = await agent.raw("GET", f"/api/v1/messages/{sent['id']}/html")
    assert b'src="data:image/png;base64,' in page


async def test_a_preview_shows_what_would_leave_and_sends_nothing(world: World) -> None:
    agent, ticket = world.north.agent, await a_ticket(world, world.north)
    await agent.patch("me", {"signature": "Nora, <Wonder Shop>"})

    picture = await agent.upload("screen.png", png())

    shown = await agent.post(
        f"tickets/{ticket['id']}/preview",
        {
            "html": f'<p>Hello<script>alert(1)</script></p><img src="{picture["url"]}">',
            "attachment_ids": [picture["id"]],
        },
    )

    assert '<img src="data:image/png;base64,' in shown["html"]
    assert (
        re.sub("<img[^>]*>", "", shown["html"])
        == "<p>Hello</p><p>-- <br>Nora, &lt;Wonder Shop&gt;</p>"
    )
    assert shown["subject"] == f"Re: {ticket['subject']}"
    assert [one["handle"] for one in shown["to"]] == ["ann@client.example"]
    messages = (await agent.get(f"tickets/{ticket['id']}"))["messages"]
    assert [one["kind"] for one in messages] == ["inbound"]
    await agent.patch("me", {"signature": ""})


async def test_an_answer_for_later_is_scheduled_and_says_when(world: World) -> None:
    agent, ticket = world.north.agent, await a_ticket(world, world.north)
    moment = datetime.now(UTC) + timedelta(days=1)

    sent = await agent.post(
        f"tickets/{ticket['id']}/messages",
        {
            "id": str(uuid4()),
            "kind": "reply",
            "html": "<p>Tomorrow</p>",
            "send_at": moment.isoformat(),
            "unless_client_writes": True,
        },
    )

    assert (sent["state"], datetime.fromisoformat(sent["undo_until"])) == ("scheduled", moment)
    undone = await agent.post(f"messages/{sent['id']}/undo")
    assert undone["state"] == "withdrawn"
