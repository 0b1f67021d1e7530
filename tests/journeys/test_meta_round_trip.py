"""A client writes to the page or the Instagram account, an agent answers, and reading is seen."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.desk_api import DeskApi, RefusedError
from tests.simulators.meta import (
    APP_SECRET,
    PAGE,
    TOKEN,
    VERIFY,
    MetaServer,
    proof,
    running_meta,
)
from tests.templates import lay_migrated

pytestmark = pytest.mark.slow
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One database is enough: what differs between the two is tested beneath."""
    return lay_migrated(tmp_path / "center.db")


@pytest.fixture
def kind() -> str:
    return "messenger"


@pytest.fixture
async def meta(kind: str) -> AsyncIterator[MetaServer]:
    async with running_meta(kind) as server:
        server.fetches = True
        yield server


def reply(html: str, **more: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "kind": "reply", "html": html, **more}


async def connected(desk: DeskApi, meta: MetaServer, kind: str) -> str:
    """Connect the page, let Meta try its address, and return that."""
    account = {
        "kind": kind,
        "name": "Shop",
        "settings": {
            "page_id": PAGE,
            "api_url": f"{meta.url}/v",
            "media_hosts": ["127.0.0.1"],
        },
        "secrets": {"app_secret": APP_SECRET, "page_token": TOKEN, "verify_token": VERIFY},
    }
    made = await desk.connect(account)
    hook = str(desk.url / "hooks" / kind / made["public_key"])
    assert (await meta.verify(hook))[0] == 200
    return hook


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_a_message_is_answered_and_read(desk: DeskApi, meta: MetaServer, kind: str) -> None:
    await connected(desk, meta, kind)
    async with desk.live() as live:
        assert await meta.push(meta.attached("image", PNG, text="Where is it?")) == 200
        opened = await live.next("TicketOpened")
        path = f"tickets/{opened['ticket_id']}"
        ticket = await desk.get(path)
        first = await desk.post(f"{path}/messages", reply("<p>On its <b>way</b></p>"))
        sent = await meta.next_sent()
        await live.next("MessageStateChanged", message_id=first["id"], state="sent")
        read = {"mid": sent["mid"]}
        if kind == "messenger":
            assert await meta.push(meta.event(delivery={"mids": [sent["mid"]]})) == 200
            await live.next("MessageStateChanged", message_id=first["id"], state="delivered")
            assert await meta.push(meta.event(read={"watermark": 1_000})) == 200
            read = {"watermark": int(time.time() * 1000)}
        assert await meta.push(meta.event(read=read)) == 200
        await live.next("MessageStateChanged", message_id=first["id"], state="read")

        upload = await desk.upload("label.png", PNG)
        await desk.post(f"{path}/messages", reply("", attachment_ids=[upload["id"]]))
        await meta.next_sent()

    assert ticket["messages"][0]["text"] == "Where is it?"
    assert [one["name"] for one in ticket["messages"][0]["attachments"]] == ["photo.jpg"]
    assert (sent["message"]["text"], sent["recipient"]["id"]) == ("On its way", "9001")
    assert meta.media == [PNG]
    (client,) = (await desk.get("clients"))["items"]
    assert client["name"] == "Ann"


@pytest.mark.parametrize("kind", ["instagram"])
async def test_what_instagram_cannot_carry_is_refused_before_it_is_promised(
    desk: DeskApi, meta: MetaServer, kind: str
) -> None:
    await connected(desk, meta, kind)
    async with desk.live() as live:
        await meta.write("Hello")
        opened = await live.next("TicketOpened")
    path = f"tickets/{opened['ticket_id']}"

    with pytest.raises(RefusedError, match="1,000 bytes"):
        await desk.post(f"{path}/messages", reply("ї" * 501))
    plan = await desk.get(f"{path}/reply-plan")

    assert meta.sent == []
    assert plan["route"]["open_until"] is not None


async def test_the_address_is_tried_and_forged_calls_are_refused(
    desk: DeskApi, meta: MetaServer, kind: str
) -> None:
    hook = await connected(desk, meta, kind)
    body = meta.calling(meta.said("Hello"), b'{"sender":7}')

    trials = [
        (await meta.verify(hook, token="guessed"))[0],
        (await meta.verify(hook, challenge="<script>"))[0],
        (await meta.verify(hook + "x"))[0],
        (await meta.verify(hook.replace("messenger", "viber")))[0],
    ]
    forged = await meta.call(hook, body, proof(body, "0" * 32))
    statuses = [await meta.call(hook, body, proof(body)) for _ in range(3)]

    assert trials == [403, 403, 404, 404]
    assert (forged, statuses) == (403, [200, 200, 200])
    assert [one["subject"] for one in (await desk.get("tickets"))["items"]] == ["Hello"]
    assert len((await desk.get("dead-letters"))["items"]) == 1
