"""A supervisor's hand on many contacts at once, and on the state of an agent."""

from typing import Any
from uuid import UUID

import pytest

from tests.desk.scripted import ANN, Post, mail
from tests.desk_api import DeskApi, RefusedError
from tests.web.world import add_mailbox


async def waiting(desk: DeskApi, count: int) -> list[dict[str, Any]]:
    """Contacts that wait in the default queue, the longest waiting first."""
    lines = desk.center.house.lines
    lines._makers = {**lines._makers, "mail": Post().make}
    account = UUID(await add_mailbox(desk, "Support"))
    async with desk.live() as live:
        mails = [mail(account, f"m{n}", f"Hello {n}", sender=ANN) for n in range(count)]
        await desk.center.house.intake.accept(mails)
        for _ in range(count):
            await live.next("ContactQueued")
    contacts: list[dict[str, Any]] = (await desk.get("contacts", state="open"))["items"]
    return contacts


async def test_each_of_many_contacts_answers_for_itself(desk: DeskApi) -> None:
    first, second, third = await waiting(desk, 3)
    await desk.post(f"contacts/{second['id']}/close")
    other = await desk.post("queues", {"name": "Second line"})
    ids = [one["id"] for one in (first, second, third)]

    done = await desk.post(
        "contacts/changes", {"contact_ids": ids, "do": "move", "queue_id": other["id"]}
    )

    assert [(one["id"], one["error"]) for one in done] == list(
        zip(ids, ["", "conflict", ""], strict=True)
    )
    assert "closed" in done[1]["message"]
    moved = (await desk.get("contacts", queue_id=other["id"]))["items"]
    assert [one["id"] for one in moved] == [first["id"], third["id"]]
    assert [one["virtual_arrival"] for one in moved] == [
        first["virtual_arrival"],
        third["virtual_arrival"],
    ]


async def test_many_are_given_to_an_agent_and_back_to_their_queue(desk: DeskApi) -> None:
    ids = [one["id"] for one in await waiting(desk, 2)]
    async with desk.colleague("Nora") as nora:
        me = nora.me["agent"]["id"]
        await nora.available()

        given = await desk.post(
            "contacts/changes", {"contact_ids": ids, "do": "assign", "agent_id": me}
        )
        held = (await nora.get("work"))["contacts"]
        again = await desk.post("contacts/changes", {"contact_ids": ids, "do": "requeue"})

        assert [one["error"] for one in given + again] == ["", "", "", ""]
        assert sorted(one["id"] for one in held) == sorted(ids)
        assert (await nora.get("work"))["contacts"] == []
        with pytest.raises(RefusedError) as refused:
            await nora.post("contacts/changes", {"contact_ids": ids, "do": "requeue"})
        assert refused.value.status == 403
    for body, field in (
        ({"contact_ids": ids, "do": "move"}, "queue_id"),
        ({"contact_ids": ids, "do": "assign"}, "agent_id"),
        ({"contact_ids": [ids[0], ids[0]], "do": "requeue"}, "contact_ids"),
    ):
        with pytest.raises(RefusedError) as wrong:
            await desk.post("contacts/changes", body)
        assert (wrong.value.status, wrong.value.field) == (422, field)


async def test_whose_state_is_set_hears_by_whom_and_why(desk: DeskApi) -> None:
    async with desk.colleague("Nora") as nora:
        me = nora.me["agent"]["id"]
        await nora.available()
        async with nora.live() as live:
            body = {"state": "away", "reason": "training", "note": "Please see Vera first"}
            now_is = await desk.put(f"agents/{me}/presence", body)
            told = await live.next("Notified", event="forced")

        assert (now_is["state"], now_is["reason"]) == ("away", "training")
        assert (told["data"]["name"], told["data"]["detail"]) == ("Olena", "Please see Vera first")


async def test_whoever_is_signed_out_is_offline_and_keeps_their_tokens(desk: DeskApi) -> None:
    async with desk.colleague("Nora") as nora:
        me = nora.me["agent"]["id"]
        token = (await nora.post("tokens", {"name": "reader", "scopes": []}))["token"]
        with pytest.raises(RefusedError) as wrong:
            await desk.put(f"agents/{me}/presence", {"state": "away", "sign_out": True})
        assert wrong.value.field == "sign_out"

        await desk.put(f"agents/{me}/presence", {"state": "offline", "sign_out": True})

        with pytest.raises(RefusedError) as refused:
            await nora.get("work")
        assert refused.value.status == 401
        status, _, _ = await desk.raw(
            "GET", "/api/v1/work", headers={"Authorization": f"Bearer {token}"}
        )
        assert status == 200
