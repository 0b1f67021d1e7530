"""What one team has leaves no trace where another looks: lists, counts, search, live events."""

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from channels.envelope import Party
from desk.indexer import BOOKMARK, HEARD
from kernel.bookmarks import read_bookmark
from kernel.journal import JournalRow
from tests.desk.scripted import mail
from tests.desk_api import WAIT_SECONDS, DeskApi, RefusedError
from tests.web.world import CANARY, NORTHERN, World

pytestmark = pytest.mark.asyncio(loop_scope="module")

LISTS: list[tuple[str, dict[str, str]]] = [
    *(("tickets", {"view": view}) for view in ("mine", "unassigned", "team", "all")),
    *(("tickets", {"status": status}) for status in ("new", "open", "waiting,solved,closed")),
    ("tickets", {"tag": CANARY}),
    ("tickets", {"limit": "200"}),
    ("search", {"q": CANARY}),
    ("search", {"q": "First Second Answer Note"}),
    ("search", {"q": f"{CANARY}@client.example"}),
    ("contacts", {}),
    ("contacts", {"limit": "1"}),
    ("contacts", {"state": "closed"}),
    ("canned-replies", {}),
    ("work", {}),
    ("articles", {"q": CANARY}),
]


async def indexed(world: World) -> None:
    """Return when everything written so far can be found."""
    database = world.center.house.database
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            async with database.reading() as session:
                written = select(func.max(JournalRow.seq)).where(JournalRow.kind.in_(HEARD))
                if await read_bookmark(session, BOOKMARK) >= (await session.scalar(written) or 0):
                    return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(("path", "query"), LISTS)
async def test_no_list_and_no_search_shows_what_another_team_has(
    world: World, path: str, query: dict[str, str]
) -> None:
    await indexed(world)

    seen = json.dumps(await world.north.agent.get(path, **query))

    assert CANARY not in seen
    for thing in ("ticket", "ringing_ticket", "contact", "offer", "message"):
        assert world.south.ids[thing] not in seen


async def test_the_team_itself_and_the_supervisor_find_it(world: World) -> None:
    await indexed(world)

    for who in (world.south.agent, world.supervisor):
        found = await who.get("search", q=CANARY)
        assert {one["ticket"]["id"] for one in found["items"]} == {
            world.south.ids["ticket"],
            world.south.ids["ringing_ticket"],
        }
    assert (await world.north.agent.get("search", q=NORTHERN))["items"]


async def test_counts_are_those_of_the_list_that_one_sees(world: World) -> None:
    for who in (world.north.agent, world.south.agent, world.supervisor):
        for one in await who.get("tickets/counts"):
            page = await who.get(
                "tickets", view=one["view"], status="new,open,waiting", limit="200"
            )
            assert one["count"] == len(page["items"]), one["view"]


async def test_filters_by_a_foreign_client_or_queue_find_nothing(world: World) -> None:
    for query in ({"client_id": world.south.ids["client"]}, {"queue_id": world.south.queue}):
        assert (await world.north.agent.get("tickets", **query)) == {"items": [], "next": None}


async def test_a_timeline_shows_of_a_shared_client_only_what_one_may_read(world: World) -> None:
    sender = Party(handle="shared@client.example", name="Shared")
    mine = await world.arrives(world.north, "shared-1", "for the north", sender=sender)
    theirs = await world.arrives(world.south, "shared-2", f"for {CANARY}", sender=sender)
    client_id = mine["ticket"]["client_id"]
    assert theirs["ticket"]["client_id"] == client_id

    page = await world.north.agent.get(f"clients/{client_id}/timeline")
    all_of_it = await world.supervisor.get(f"clients/{client_id}/timeline")

    assert {one["ticket_id"] for one in page["items"]} == {mine["ticket"]["id"]}
    assert CANARY not in json.dumps(page)
    assert len(all_of_it["items"]) == 2


async def test_an_attachment_cannot_be_taken_over_from_another_team(world: World) -> None:
    before = await world.south.agent.get(f"tickets/{world.south.ids['ticket']}")

    for stolen in (world.south.ids["upload"], world.south.ids["attachment"]):
        with pytest.raises(RefusedError) as refused:
            await world.north.agent.post(
                f"tickets/{world.north.ids['ticket']}/messages",
                {
                    "id": "018d3a2b-0000-7000-8000-000000000001",
                    "kind": "reply",
                    "html": "x",
                    "attachment_ids": [stolen],
                },
            )
        assert (refused.value.status, refused.value.field) == (422, "attachment_ids")

    assert await world.south.agent.get(f"tickets/{world.south.ids['ticket']}") == before


async def heard_until(who: DeskApi, world: World, doing: Any, last: str) -> list[dict[str, Any]]:
    """Return every entry somebody hears while `doing` happens, up to the word `last`."""
    async with who.live() as live:
        await doing
        await world.admin.post("categories", {"names": {"en": last}})
        frames = []
        while True:
            frame = await live.frame()
            frames.append(frame)
            if frame.get("kind") == "CategoryChanged":
                return frames


async def test_live_screens_hear_nothing_of_another_teams_tickets(world: World) -> None:
    async def a_busy_minute() -> None:
        agent, ids = world.south.agent, world.south.ids
        seen = await world.arrives(world.south, "busy-1", f"Third {CANARY}")
        ticket_id = seen["ticket"]["id"]
        contact_id = seen["contact"]["id"]
        await agent.post(f"contacts/{contact_id}/take")
        await agent.post(
            f"tickets/{ticket_id}/messages",
            {"id": ids["offer"], "kind": "note", "html": f"<p>{CANARY}</p>"},
        )
        await agent.put(f"tickets/{ticket_id}/articles/{world.shared['article']}", None)
        await agent.post(f"contacts/{contact_id}/requeue")
        await agent.post(f"contacts/{contact_id}/take")
        await agent.post(f"contacts/{contact_id}/close")

    heard = await heard_until(world.north.agent, world, a_busy_minute(), "one")
    # Their own answer may leave at this very moment: it waited a minute to be taken back.
    theirs = world.north.ids["ticket"]
    about = [one for one in heard if one.get("ticket_id") or one.get("contact_id")]

    assert [one for one in about if one.get("ticket_id") != theirs] == []
    assert CANARY not in json.dumps(heard)


async def test_a_supervisor_hears_every_contact(world: World) -> None:
    async def one_contact() -> None:
        seen = await world.arrives(world.south, "watched-1", "Hello")
        await world.south.agent.post(f"contacts/{seen['contact']['id']}/take")

    heard = await heard_until(world.supervisor, world, one_contact(), "two")

    kinds = {one["kind"] for one in heard if one.get("contact_id")}
    assert {"ContactQueued", "ContactAnswered"} <= kinds


async def test_who_loses_a_ticket_hears_of_that_once_and_of_nothing_after(world: World) -> None:
    seen = await world.arrives(world.north, "moved-1", "Hello")
    ticket_id = seen["ticket"]["id"]

    async def moved() -> None:
        await world.supervisor.patch(
            f"tickets/{ticket_id}",
            {"version": seen["ticket"]["version"], "team_id": world.south.team},
        )
        await world.south.agent.post(
            f"tickets/{ticket_id}/messages",
            {"id": ticket_id, "kind": "note", "html": f"<p>{CANARY}</p>"},
        )

    async with world.north.agent.live() as live:
        await live.socket.send_json({"type": "view", "ticket_ids": [ticket_id]})
        while (await live.frame())["type"] != "viewing":
            pass
        heard = await heard_until(world.north.agent, world, moved(), "three")
        await world.south.agent.get("work")
        async with world.south.agent.live() as theirs:
            await theirs.socket.send_json({"type": "view", "ticket_ids": [ticket_id]})
            while (await theirs.frame())["type"] != "viewing":
                pass
            await theirs.socket.send_json(
                {"type": "typing", "ticket_id": ticket_id, "typing": True}
            )
            await theirs.socket.send_json({"type": "ping"})
            while (await theirs.frame())["type"] != "pong":
                pass
        await live.socket.send_json({"type": "ping"})
        frames = []
        while (frame := await live.frame())["type"] != "pong":
            frames.append(frame)

    about = [one["kind"] for one in heard if one.get("ticket_id") == ticket_id]
    assert about == ["TicketChanged"]
    assert [one for one in frames if one["type"] in {"typing", "viewing"}] == []
    with pytest.raises(RefusedError) as refused:
        await world.north.agent.get(f"tickets/{ticket_id}")
    assert refused.value.status == 404


async def test_a_foreign_ticket_cannot_be_watched(world: World) -> None:
    async with world.north.agent.live() as live:
        foreign = world.south.ids["ticket"]
        for said in (
            {"type": "view", "ticket_ids": [foreign]},
            {"type": "typing", "ticket_id": foreign, "typing": True},
        ):
            await live.socket.send_json(said)
            assert await live.frame() == {"type": "error", "code": "not_found"}


async def test_only_who_is_mentioned_hears_of_it(world: World) -> None:
    nora = world.north.agent
    async with world.admin.colleague("Nick", team_ids=[world.north.team]) as nick:
        note = {
            "id": "018d3a2b-0000-7000-8000-000000000002",
            "kind": "note",
            "html": "<p>Look</p>",
            "mentions": [nick.me["agent"]["id"]],
        }
        path = f"tickets/{world.north.ids['ticket']}/messages"
        async with nick.live() as hears, world.supervisor.live() as does_not:
            await nora.post(path, note)
            mentioned = await hears.next("Mentioned")
            await world.admin.post("categories", {"names": {"en": "four"}})
            others = []
            while (frame := await does_not.frame()).get("kind") != "CategoryChanged":
                others.append(frame["kind"])

    assert mentioned["data"]["by"] == "Nora"
    assert "MessageAdded" in others
    assert "Mentioned" not in others


async def test_mail_of_another_team_is_not_told_by_its_account(world: World) -> None:
    """Account and dead-letter entries carry ids and health, never what a mail said."""
    delivered = world.deliver(mail(UUID(world.south.account), "quiet-1", CANARY, subject=CANARY))

    heard = await heard_until(world.north.agent, world, delivered, "five")

    assert CANARY not in json.dumps(heard)
