"""Administrators set up how contacts find agents, and hear first what a change would do."""

from typing import Any

import pytest

from tests.desk_api import DeskApi, RefusedError

WEEKDAYS = [{"weekday": day, "spans": [{"opens": 540, "closes": 1080}]} for day in range(5)]


async def default_queue(desk: DeskApi) -> dict[str, Any]:
    queues: list[dict[str, Any]] = await desk.get("queues")
    return next(queue for queue in queues if queue["is_default"])


async def test_a_skill_is_made_renamed_given_and_asked_for(desk: DeskApi) -> None:
    skill = await desk.post("skills", {"name": "Ukrainian"})
    renamed = await desk.patch(f"skills/{skill['id']}", {"version": 1, "name": "Українська"})
    me = desk.me["agent"]["id"]
    await desk.put(f"agents/{me}/routing", {"skills": [{"skill_id": skill["id"], "level": 4}]})
    queue = await default_queue(desk)
    rules = {"skills": [{"skill_id": skill["id"], "level": 2}], "strategy": "best_proficiency"}

    kept = await desk.put(
        f"queues/{queue['id']}/rules", {"version": queue["version"], "rules": rules}
    )

    assert renamed["name"] == "Українська"
    assert (kept["rules"]["strategy"], kept["waiting"]["waiting"]) == ("best_proficiency", 0)
    assert (await desk.get(f"queues/{queue['id']}/rules"))["rules"] == kept["rules"]
    known = [{"skill_id": skill["id"], "level": 4}]
    assert {"agent_id": me, "skills": known, "profile_id": None} in await desk.get("agent-routing")
    with pytest.raises(RefusedError) as refused:
        await desk.delete(f"skills/{skill['id']}")
    assert refused.value.status == 409
    await desk.put(f"queues/{queue['id']}/rules", {"version": kept["version"], "rules": {}})
    await desk.delete(f"skills/{skill['id']}")


@pytest.mark.parametrize(
    "rules",
    [
        {"skills": [{"skill_id": "00000000-0000-0000-0000-000000000001"}]},
        {"rings": [{"after_seconds": 5}, {"after_seconds": 5}]},
        {"overflow": {"queue_id": "00000000-0000-0000-0000-000000000001"}},
        {"when_closed": "overflow"},
        {"band": 10},
        {"strategy": "at random"},
    ],
    ids=[
        "unknown skill",
        "two rings at once",
        "unknown queue",
        "nowhere to go",
        "band",
        "strategy",
    ],
)
async def test_rules_that_cannot_be_meant_are_refused(desk: DeskApi, rules: dict[str, Any]) -> None:
    queue = await default_queue(desk)

    with pytest.raises(RefusedError) as refused:
        await desk.put(f"queues/{queue['id']}/rules", {"version": queue["version"], "rules": rules})

    assert refused.value.status == 422


async def test_contacts_that_would_go_in_a_circle_are_refused(desk: DeskApi) -> None:
    first = await default_queue(desk)
    second = await desk.post("queues", {"name": "Second line"})
    there = {"overflow": {"queue_id": second["id"], "after_seconds": 60}}
    back = {"overflow": {"queue_id": first["id"], "after_seconds": 60}}
    kept = await desk.put(
        f"queues/{first['id']}/rules", {"version": first["version"], "rules": there}
    )

    with pytest.raises(RefusedError, match="circle"):
        await desk.put(
            f"queues/{second['id']}/rules", {"version": second["version"], "rules": back}
        )
    await desk.put(f"queues/{first['id']}/rules", {"version": kept["version"], "rules": {}})


async def test_a_preview_says_whom_nobody_could_serve_and_changes_nothing(desk: DeskApi) -> None:
    queue = await default_queue(desk)
    client = await desk.post("clients", {"name": "Waiting client"})
    skill = await desk.post("skills", {"name": "Klingon"})
    assert client["id"]
    rules = {"skills": [{"skill_id": skill["id"], "level": 5}]}

    preview = await desk.post(
        f"queues/{queue['id']}/rules/preview", {"version": queue["version"], "rules": rules}
    )

    assert preview["waiting"] == len(preview["unserved"])
    assert preview["concerned"] == []
    assert {"code": "skill_nobody_has", "skill_id": skill["id"], "level": 5, "seconds": 0} in (
        preview["doubts"]
    )
    assert (await default_queue(desk))["version"] == queue["version"]


async def test_a_queue_that_asks_for_endings_that_nobody_named_is_doubtful(desk: DeskApi) -> None:
    queue = await default_queue(desk)
    asks = {"version": queue["version"], "rules": {"wrap_up": True, "needs_disposition": True}}

    before = await desk.post(f"queues/{queue['id']}/rules/preview", asks)
    await desk.post("dispositions", {"name": "Solved", "queue_id": queue["id"]})
    after = await desk.post(f"queues/{queue['id']}/rules/preview", asks)

    assert "no_disposition" in [one["code"] for one in before["doubts"]]
    assert "no_disposition" not in [one["code"] for one in after["doubts"]]


async def test_hours_are_kept_and_a_queue_that_uses_them_holds_them(desk: DeskApi) -> None:
    calendar = await desk.post(
        "calendars",
        {
            "name": "Office hours",
            "timezone": "Europe/Kyiv",
            "week": WEEKDAYS,
            "holidays": [{"on": "2027-01-01", "name": "New Year"}],
        },
    )
    assert calendar["changes_at"] is not None
    queue = await default_queue(desk)
    body = {"version": queue["version"], "rules": {}, "calendar_id": calendar["id"]}
    kept = await desk.put(f"queues/{queue['id']}/rules", body)

    with pytest.raises(RefusedError) as refused:
        await desk.delete(f"calendars/{calendar['id']}")
    assert refused.value.status == 409
    await desk.put(f"queues/{queue['id']}/rules", {"version": kept["version"], "rules": {}})
    await desk.delete(f"calendars/{calendar['id']}")


@pytest.mark.parametrize(
    ("timezone", "week"),
    [
        ("Mars/Olympus", WEEKDAYS),
        ("UTC", []),
        ("UTC", [{"weekday": 7, "spans": [{"opens": 0, "closes": 60}]}]),
        ("UTC", [{"weekday": 1, "spans": [{"opens": 60, "closes": 60}]}]),
        ("UTC", [{"weekday": 1, "spans": [{"opens": 0, "closes": 1441}]}]),
    ],
    ids=["zone", "never open", "no such day", "ends as it begins", "leaves the day"],
)
async def test_hours_that_cannot_be_meant_are_refused(
    desk: DeskApi, timezone: str, week: list[Any]
) -> None:
    with pytest.raises(RefusedError) as refused:
        await desk.post("calendars", {"name": "Wrong", "timezone": timezone, "week": week})

    assert refused.value.status == 422


async def test_a_profile_is_given_to_an_agent_and_taken_away_with_it(desk: DeskApi) -> None:
    queue = await default_queue(desk)
    rules = {
        "budget": 10,
        "units": {"webchat": 3},
        "queues": [{"queue_id": queue["id"], "rank": 1, "delay_seconds": 20}],
    }
    profile = await desk.post("routing-profiles", {"name": "Back office", "rules": rules})
    me = desk.me["agent"]["id"]
    await desk.put(f"agents/{me}/routing", {"skills": [], "profile_id": profile["id"]})

    await desk.delete(f"routing-profiles/{profile['id']}")

    assert await desk.get("agent-routing") == []


async def test_a_disposition_can_be_switched_off(desk: DeskApi) -> None:
    made = await desk.post("dispositions", {"name": "Solved", "needs_note": True})

    off = await desk.patch(f"dispositions/{made['id']}", {"version": 1, "active": False})

    assert (made["active"], off["active"]) == (True, False)


async def test_a_contact_in_wrap_up_is_finished_with_an_ending_and_not_just_closed(
    desk: DeskApi,
) -> None:
    queue = await default_queue(desk)
    made = await desk.post("dispositions", {"name": "Refund", "needs_note": True})
    asks = {"wrap_up": True, "wrap_up_seconds": 60, "needs_disposition": True}
    await desk.put(f"queues/{queue['id']}/rules", {"version": queue["version"], "rules": asks})
    await desk.post("samples")
    waiting = (await desk.get("contacts", queue_id=queue["id"]))["items"][0]["id"]
    async with desk.colleague("Ivan") as ivan:
        await ivan.post(f"contacts/{waiting}/take")
        begun = await ivan.post(f"contacts/{waiting}/wrap-up")

        for body, field in (({}, "disposition_id"), ({"disposition_id": made["id"]}, "note")):
            with pytest.raises(RefusedError) as refused:
                await ivan.post(f"contacts/{waiting}/finish", body)
            assert refused.value.field == field
        with pytest.raises(RefusedError) as closing:
            await ivan.post(f"contacts/{waiting}/close")
        ending = {"disposition_id": made["id"], "note": "30 euros"}
        ended = await ivan.post(f"contacts/{waiting}/finish", ending)

    assert (begun["state"], begun["wrap_up_until"] is not None) == ("wrap_up", True)
    assert closing.value.status == 409
    assert (ended["state"], ended["wrap_up_until"]) == ("closed", None)
