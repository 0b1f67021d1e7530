"""Clients over HTTP: kept, found, merged with their tickets, and parted again."""

import pytest

from tests.desk_api import DeskApi, RefusedError


async def test_a_client_is_added_found_changed_and_noted_upon(desk: DeskApi) -> None:
    made = await desk.post("clients", {"name": "Anna Kovalenko", "email": "Anna@Example.com"})

    note = await desk.post(f"clients/{made['id']}/notes", {"text": "likes tea"})
    changed = await desk.patch(
        f"clients/{made['id']}", {"version": made["version"], "phone": "+38 044 123-45-67"}
    )
    found = await desk.get("clients", q="koval")
    timeline = await desk.get(f"clients/{made['id']}/timeline")

    assert (changed["phone"], changed["email"]) == ("+380441234567", "anna@example.com")
    assert [one["text"] for one in changed["notes"]] == ["likes tea"]
    assert note["author_id"] == desk.me["agent"]["id"]
    assert [one["id"] for one in found["items"]] == [made["id"]]
    assert [one["detail"] for one in timeline["items"]] == ["likes tea"]


async def test_a_merge_leads_to_the_client_that_stays_and_is_undone(desk: DeskApi) -> None:
    source = await desk.post("clients", {"name": "Anna", "email": "a@example.com"})
    target = await desk.post("clients", {"name": "Anna K", "email": "b@example.com"})

    merged = await desk.post(f"clients/{target['id']}/merge", {"source_id": source["id"]})
    by_old_id = await desk.get(f"clients/{source['id']}")
    await desk.post(f"merges/{merged['merges'][0]['id']}/undo")
    after = await desk.get(f"clients/{source['id']}")

    assert {one["handle"] for one in merged["identities"]} == {"a@example.com", "b@example.com"}
    assert by_old_id["id"] == target["id"]
    assert (after["id"], after["email"]) == (source["id"], "a@example.com")


async def test_the_second_of_two_who_change_a_client_is_told(desk: DeskApi) -> None:
    made = await desk.post("clients", {"name": "Anna"})
    await desk.patch(f"clients/{made['id']}", {"version": 1, "name": "Anna K"})

    with pytest.raises(RefusedError) as refused:
        await desk.patch(f"clients/{made['id']}", {"version": 1, "name": "Anya"})

    assert (refused.value.status, refused.value.code) == (409, "conflict")


async def test_an_agent_without_the_permission_does_not_block(desk: DeskApi) -> None:
    made = await desk.post("clients", {"name": "Anna"})
    async with desk.colleague() as ivan:
        with pytest.raises(RefusedError) as refused:
            await ivan.patch(f"clients/{made['id']}", {"version": 1, "blocked": True})

    assert refused.value.status == 403


@pytest.mark.parametrize(
    "query", ["", "%", "'", "\u0000", "\\", "a" * 200, "ї" * 50, "( OR NEAR/2 *"]
)
async def test_any_search_is_answered(desk: DeskApi, query: str) -> None:
    found = await desk.get("clients", q=query)

    assert found == {"items": [], "next": None}


async def test_who_may_be_one_person_is_said_until_somebody_decides(desk: DeskApi) -> None:
    anna = await desk.post("clients", {"name": "Anna", "phone": "+380441234567"})
    other = await desk.post("clients", {"name": "A. K.", "phone": "+38 044 123 45 67"})
    (found,) = await desk.get(f"clients/{anna['id']}/likely")

    await desk.post(f"clients/{other['id']}/unlike", {"other_id": anna["id"]})

    assert found["client"]["id"] == other["id"]
    assert found["shared"] == [{"kind": "phone", "value": "+380441234567", "proven": False}]
    assert await desk.get(f"clients/{anna['id']}/likely") == []
