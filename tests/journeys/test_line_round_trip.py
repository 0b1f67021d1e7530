"""A client writes to the LINE account, an agent answers with a picture, and it arrives once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.desk_api import DeskApi, RefusedError, reply
from tests.simulators.line import PUSH, SECRET, TOKEN, LineServer, calling, proof, running_line
from tests.templates import lay_migrated

pytestmark = pytest.mark.slow
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One database is enough: what differs between the two is tested beneath."""
    return lay_migrated(tmp_path / "center.db")


@pytest.fixture
async def line() -> AsyncIterator[LineServer]:
    async with running_line() as server:
        server.fetches = True
        yield server


async def connected(desk: DeskApi, line: LineServer) -> None:
    account = {
        "kind": "line",
        "name": "Shop",
        "settings": {"api_url": line.url, "data_url": line.url},
        "secrets": {"channel_secret": SECRET, "access_token": TOKEN},
    }
    made = await desk.connect(account)
    assert line.hook == str(desk.url / "hooks/line" / made["public_key"])


async def test_a_message_is_answered_with_a_picture_and_arrives_once(
    desk: DeskApi, line: LineServer
) -> None:
    await connected(desk, line)
    async with desk.live() as live:
        assert await line.push(line.said("Where is it?"), line.attached("image", PNG)) == 200
        opened = await live.next("TicketOpened")
        path = f"tickets/{opened['ticket_id']}"
        ticket = await desk.get(path)
        upload = await desk.upload("label.png", PNG)
        line.fail(PUSH, status=429, headers={"Retry-After": "1"})
        first = await desk.post(
            f"{path}/messages", reply("<p>On its <b>way</b></p>", attachment_ids=[upload["id"]])
        )
        await live.next("MessageStateChanged", message_id=first["id"], state="sent")

    assert ticket["messages"][0]["text"] == "Where is it?"
    (sent,) = line.sent
    assert sent["messages"][0]["text"] == "On its way"
    assert line.pictures == [PNG]
    (client,) = (await desk.get("clients"))["items"]
    assert client["name"] == "Ann"


async def test_what_line_cannot_carry_is_refused_before_it_is_promised(
    desk: DeskApi, line: LineServer
) -> None:
    await connected(desk, line)
    async with desk.live() as live:
        await line.write("Hello")
        opened = await live.next("TicketOpened")
    path = f"tickets/{opened['ticket_id']}/messages"
    upload = await desk.upload("bill.pdf", b"%PDF-1.7")

    with pytest.raises(RefusedError, match="LINE does not take"):
        await desk.post(path, reply("See", attachment_ids=[upload["id"]]))

    assert line.sent == []


async def test_who_blocks_the_account_is_said_until_they_follow_again(
    desk: DeskApi, line: LineServer
) -> None:
    await connected(desk, line)
    async with desk.live() as live:
        await line.write("Hello")
        opened = await live.next("TicketOpened")
    path = f"tickets/{opened['ticket_id']}/reply-plan"

    await line.push(line.event("unfollow"))
    gone = await desk.get(path)
    await line.push(line.event("follow"))
    back = await desk.get(path)

    assert (gone["warnings"], back["warnings"]) == (["client_gone"], [])


async def test_forged_calls_are_refused_and_repeated_ones_are_one(
    desk: DeskApi, line: LineServer
) -> None:
    await connected(desk, line)
    body = calling(line.said("Hello"), b'{"type":7}')

    forged = await line.call(line.hook, body, proof(body, "0" * 32))
    elsewhere = await line.call(line.hook.replace("line", "viber"), body, proof(body))
    statuses = [await line.call(line.hook, body, proof(body)) for _ in range(3)]

    assert (forged, elsewhere, statuses) == (403, 404, [200, 200, 200])
    assert [one["subject"] for one in (await desk.get("tickets"))["items"]] == ["Hello"]
    assert len((await desk.get("dead-letters"))["items"]) == 1
