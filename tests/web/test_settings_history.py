"""Who changed which setting is on record, in the same transaction, and no secret with it."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.desk.scripted import SETTINGS
from tests.desk_api import PASSWORD, RefusedError
from tests.web.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def newest(world: World, **query: Any) -> dict[str, Any]:
    (change,) = (await world.admin.get("setting-changes", limit=1, **query))["items"]
    found: dict[str, Any] = change
    return found


async def test_a_changed_queue_says_who_made_what_of_it(world: World) -> None:
    name = uuid4().hex
    queue = await world.admin.post("queues", {"name": name})
    member = world.north.agent.me["agent"]["id"]

    await world.supervisor.patch(
        f"queues/{queue['id']}",
        {"version": queue["version"], "offer_seconds": 45, "member_ids": [member]},
    )

    change = await newest(world, subject_id=queue["id"])
    assert (change["area"], change["what"], change["actor"]) == ("queue", "changed", "Vera")
    assert change["name"] == name
    assert change["changes"]["offer_seconds"][1] == 45
    assert change["changes"]["member_ids"] == [[], [member]]
    await world.admin.delete(f"queues/{queue['id']}")
    gone = await newest(world, subject_id=queue["id"])
    assert (gone["what"], gone["actor"]) == ("removed", "Olena")
    assert gone["changes"]["name"] == [name, None]


async def test_of_a_secret_only_that_it_changed_is_told(world: World) -> None:
    account = await world.admin.post(
        "accounts",
        {
            "kind": "mail",
            "name": uuid4().hex,
            "enabled": False,
            "settings": SETTINGS,
            "secrets": {"password": "opensesame"},
        },
    )
    await world.admin.patch(
        f"accounts/{account['id']}",
        {
            "version": account["version"],
            "name": "Renamed",
            "settings": {**SETTINGS, "smtp_host": "smtp.wonder.example"},
            "secrets": {"password": "anothersesame"},
        },
    )

    told = (await world.admin.get("setting-changes", subject_id=account["id"]))["items"]
    assert [one["what"] for one in told] == ["changed", "added"]
    assert told[0]["changes"]["settings.smtp_host"] == ["127.0.0.1", "smtp.wonder.example"]
    assert told[0]["changes"]["secrets.password"] == ["•••", "••••"]
    assert told[1]["changes"]["secrets.password"] == [None, "•••"]
    assert "sesame" not in json.dumps(told)


async def test_staff_roles_and_teams_are_on_record(world: World) -> None:
    role = await world.admin.post("roles", {"name": uuid4().hex, "permissions": []})
    await world.admin.patch(f"roles/{role['id']}", {"permissions": ["kb.edit"]})
    assert (await newest(world, area="role"))["changes"] == {"permissions": [[], ["kb.edit"]]}
    agent = await world.admin.post(
        "agents",
        {
            "name": "Zoe",
            "email": f"{uuid4().hex}@wonder.example",
            "password": PASSWORD,
            "role_id": role["id"],
            "team_ids": [world.north.team],
        },
    )
    added = await newest(world, area="agent")
    assert (added["name"], added["what"]) == ("Zoe", "added")
    assert added["changes"]["team_ids"] == [[], [world.north.team]]
    assert added["changes"]["password_hash"] == [None, "•••"]

    await world.admin.patch(
        f"agents/{agent['id']}", {"version": agent["version"], "team_ids": [], "active": False}
    )

    changed = await newest(world, area="agent")
    assert changed["changes"] == {"active": [True, False], "team_ids": [[world.north.team], []]}
    team = await world.admin.post("teams", {"name": uuid4().hex})
    await world.admin.delete(f"teams/{team['id']}")
    assert (await newest(world, area="team"))["what"] == "removed"


async def test_a_change_that_is_refused_leaves_no_trace(world: World) -> None:
    before = await newest(world)

    with pytest.raises(RefusedError):
        await world.admin.patch(f"queues/{world.north.queue}", {"version": 10_000, "name": "x"})
    await world.north.agent.put("presence", {"state": "away"})

    assert await newest(world) == before


async def test_the_company_and_a_widget_are_told_and_pages_go_on(world: World) -> None:
    await world.admin.patch("center", {"company": "Wonder & Co"})
    await world.admin.patch("center", {"company": "Wonder Shop"})

    first = await world.admin.get("setting-changes", area="company", limit=1)
    second = await world.admin.get("setting-changes", area="company", limit=1, cursor=first["next"])

    assert first["items"][0]["changes"] == {"name": ["Wonder & Co", "Wonder Shop"]}
    assert second["items"][0]["changes"]["name"][1] == "Wonder & Co"
