"""Answers and notes over HTTP: tried again, called to colleagues, sent to the blocked."""

from typing import Any
from uuid import uuid4

import pytest

from tests.desk_api import RefusedError
from tests.web.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


def _answer(**more: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "kind": "reply", "html": "<p>It is on its way.</p>"} | more


def _path(world: World) -> str:
    return f"tickets/{world.north.ids['ticket']}/messages"


async def _thread(world: World) -> list[str]:
    page = await world.north.agent.get(_path(world), limit=200)
    return [one["id"] for one in page["items"]]


async def test_the_same_message_again_is_answered_as_the_first_time(world: World) -> None:
    for said in (_answer(), _answer(kind="note", html="<p>Called the courier.</p>")):
        first = await world.north.agent.post(_path(world), said)
        before = await _thread(world)

        again = await world.north.agent.post(_path(world), said)

        assert again == first
        assert await _thread(world) == before


async def test_an_answer_tried_again_after_a_look_at_newer_words_is_still_the_same(
    world: World,
) -> None:
    said = _answer()
    first = await world.north.agent.post(_path(world), said)

    again = await world.north.agent.post(
        _path(world), said | {"after_message_id": world.north.ids["message"]}
    )

    assert again["id"] == first["id"]


@pytest.mark.parametrize(
    "change",
    [
        {"html": "<p>It is lost.</p>"},
        {"kind": "note"},
        {"cc": [{"handle": "boss@client.example", "name": ""}]},
        {"set_status": "solved"},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_a_known_id_with_other_words_is_refused_and_changes_nothing(
    world: World, change: dict[str, Any]
) -> None:
    said = _answer()
    await world.north.agent.post(_path(world), said)
    before = await world.north.agent.get(_path(world), limit=200)

    with pytest.raises(RefusedError) as refused:
        await world.north.agent.post(_path(world), said | change)

    assert (refused.value.status, refused.value.field) == (422, "id")
    assert await world.north.agent.get(_path(world), limit=200) == before


async def test_a_colleague_who_cannot_see_the_ticket_is_not_called_to_it_in_silence(
    world: World,
) -> None:
    stranger = world.south.agent.me["agent"]
    before = await _thread(world)

    with pytest.raises(RefusedError) as refused:
        await world.north.agent.post(
            _path(world),
            _answer(kind="note", mentions=[world.supervisor.me["agent"]["id"], stranger["id"]]),
        )

    assert (refused.value.status, refused.value.field) == (422, "mentions")
    assert "Sam cannot see this ticket" in str(refused.value)
    assert "Vera" not in str(refused.value)
    assert await _thread(world) == before


async def test_who_sees_the_ticket_by_team_or_by_role_is_called(world: World) -> None:
    called = [world.supervisor.me["agent"]["id"], world.north.agent.me["agent"]["id"]]

    note = await world.north.agent.post(_path(world), _answer(kind="note", mentions=called))

    assert note["mentions"] == called


async def test_before_an_answer_to_a_blocked_client_there_is_a_warning_and_it_is_sent(
    world: World,
) -> None:
    agent, ticket = world.north.agent, world.north.ids["ticket"]
    client = await world.admin.get(f"clients/{world.north.ids['client']}")
    before = await agent.get(f"tickets/{ticket}/reply-plan")
    blocked = await world.admin.patch(
        f"clients/{client['id']}", {"version": client["version"], "blocked": True}
    )

    plan = await agent.get(f"tickets/{ticket}/reply-plan")
    sent = await agent.post(_path(world), _answer())
    await world.admin.patch(
        f"clients/{client['id']}", {"version": blocked["version"], "blocked": False}
    )

    assert plan == before | {"warnings": [*before["warnings"], "client_blocked"]}
    assert sent["state"] == "pending"


def _opening(world: World) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "subject": "Your parcel",
        "client_id": world.north.ids["client"],
        "account_id": world.north.account,
        "recipient": {"handle": "x@client.example", "name": "X"},
        "html": "<p>It is at the post office.</p>",
    }


async def test_a_ticket_opened_again_under_the_same_id_is_the_same_ticket(world: World) -> None:
    opening = _opening(world)
    first = await world.north.agent.post("tickets", opening)

    again = await world.north.agent.post("tickets", opening)

    thread = await world.north.agent.get(f"tickets/{first['id']}/messages", limit=200)
    assert again["id"] == first["id"]
    assert [one["id"] for one in thread["items"]] == [opening["id"]]


@pytest.mark.parametrize(
    "change",
    [{"subject": "Another parcel"}, {"html": "<p>It is lost.</p>"}],
    ids=lambda change: next(iter(change)),
)
async def test_a_known_id_opens_no_other_ticket(world: World, change: dict[str, Any]) -> None:
    opening = _opening(world)
    await world.north.agent.post("tickets", opening)

    with pytest.raises(RefusedError) as refused:
        await world.north.agent.post("tickets", opening | change)

    assert (refused.value.status, refused.value.field) == (422, "id")
