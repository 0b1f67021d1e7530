"""A client writes to the Viber bot, an agent answers, and what became of it is seen."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.desk_api import DeskApi, RefusedError, reply
from tests.simulators.viber import TOKEN, ViberServer, proof, running_viber
from tests.templates import lay_migrated

pytestmark = pytest.mark.slow
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One database is enough: what differs between the two is tested beneath."""
    return lay_migrated(tmp_path / "center.db")


@pytest.fixture
async def viber() -> AsyncIterator[ViberServer]:
    async with running_viber() as server:
        server.fetches = True
        yield server


def account(viber: ViberServer, token: str = TOKEN) -> dict[str, Any]:
    settings = {"api_url": f"{viber.url}/pa", "media_hosts": ["127.0.0.1"]}
    return {
        "kind": "viber",
        "name": "Shop bot",
        "settings": settings,
        "secrets": {"auth_token": token},
    }


async def connected(desk: DeskApi, viber: ViberServer) -> None:
    made = await desk.connect(account(viber))
    assert viber.hook == str(desk.url / "hooks/viber" / made["public_key"])


async def test_a_message_is_answered_and_seen(desk: DeskApi, viber: ViberServer) -> None:
    await connected(desk, viber)
    async with desk.live() as live:
        assert await viber.write("Where is it?", type="picture", media=viber.keep("m", PNG)) == 200
        opened = await live.next("TicketOpened")
        path = f"tickets/{opened['ticket_id']}"
        ticket = await desk.get(path)
        first = await desk.post(f"{path}/messages", reply("<p>On its <b>way</b></p>"))
        sent = await viber.next_sent()
        await live.next("MessageStateChanged", message_id=first["id"], state="sent")
        assert await viber.report("seen", sent) == 200
        await live.next("MessageStateChanged", message_id=first["id"], state="read")
        assert await viber.report("delivered", sent) == 200

        upload = await desk.upload("label.png", PNG)
        await desk.post(f"{path}/messages", reply("", attachment_ids=[upload["id"]]))
        await viber.next_sent()

    assert ticket["messages"][0]["text"] == "Where is it?"
    assert [one["name"] for one in ticket["messages"][0]["attachments"]] == ["photo.jpg"]
    assert (sent["text"], sent["receiver"]) == ("On its way", "ann=")
    assert viber.media == [PNG]
    thread = (await desk.get(f"{path}/messages"))["items"]
    assert {one["state"] for one in thread if one["id"] == first["id"]} == {"read"}


async def test_what_viber_cannot_carry_is_refused_before_it_is_promised(
    desk: DeskApi, viber: ViberServer
) -> None:
    await connected(desk, viber)
    async with desk.live() as live:
        await viber.write("Hello")
        opened = await live.next("TicketOpened")
    path = f"tickets/{opened['ticket_id']}/messages"
    upload = await desk.upload("label.png", PNG)

    with pytest.raises(RefusedError, match="do not go together"):
        await desk.post(path, reply("See", attachment_ids=[upload["id"]]))

    assert viber.sent == []


async def test_who_unsubscribes_is_said_until_they_write_again(
    desk: DeskApi, viber: ViberServer
) -> None:
    await connected(desk, viber)
    async with desk.live() as live:
        await viber.write("Hello")
        opened = await live.next("TicketOpened")
        path = f"tickets/{opened['ticket_id']}"
        await viber.push(viber.callback("unsubscribed", user_id="ann="))
        viber.left.add("ann=")
        gone = await desk.get(f"{path}/reply-plan")
        sent = await desk.post(f"{path}/messages", reply("Hi"))
        failed = await live.next("MessageStateChanged", message_id=sent["id"], state="failed")
        await viber.write("I am back")
        back = await desk.get(f"{path}/reply-plan")

    assert (gone["warnings"], back["warnings"]) == (["client_gone"], [])
    assert "not subscribed" in failed["data"]["reason"]


async def test_forged_calls_are_refused_and_repeated_ones_are_one(
    desk: DeskApi, viber: ViberServer
) -> None:
    await connected(desk, viber)
    told = viber.said("Hello")

    forged = await viber.call(viber.hook, b"{}", proof(b"{}", "0" * 50))
    elsewhere = await viber.call(viber.hook.replace("viber", "telegram"), b"{}", proof(b"{}"))
    statuses = [await viber.push(told) for _ in range(3)]
    unread = await viber.call(viber.hook, b"\xff", proof(b"\xff"))

    assert (forged, elsewhere, statuses, unread) == (403, 404, [200, 200, 200], 200)
    assert [one["subject"] for one in (await desk.get("tickets"))["items"]] == ["Hello"]
    assert len((await desk.get("dead-letters"))["items"]) == 1
