"""The messenger of the manual, run as it stands there: its client asks, an agent answers."""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.desk_api import DeskApi, reply
from tests.ports import free_port
from tests.simulators.custom import SECRET, CustomServer, running_custom, written
from tests.templates import lay_migrated

pytestmark = pytest.mark.slow
MANUAL = (Path(__file__).parents[2] / "docs" / "channels" / "custom.md").read_text()


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One database is enough: what differs between the two is tested beneath."""
    return lay_migrated(tmp_path / "center.db")


def example(language: str) -> str:
    (code,) = re.findall(rf"^```{language}\n(.*?)^```$", MANUAL, re.DOTALL | re.MULTILINE)
    return str(code)


def account(url: str) -> dict[str, Any]:
    return {
        "kind": "custom",
        "name": "Our app",
        "settings": {"url": url},
        "secrets": {"signing_secret": SECRET},
    }


async def connected(desk: DeskApi, url: str) -> str:
    """Connect a system that takes answers there; return the address that it calls."""
    made = await desk.connect(account(url))
    return str(desk.url / "hooks/custom" / made["public_key"])


@asynccontextmanager
async def running(*command: str, **variables: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *command,
        env={"PATH": os.environ["PATH"], "SECRET": SECRET, **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def test_the_messenger_of_the_manual_is_short() -> None:
    lines = [line for line in example("python").splitlines() if line.strip()]

    assert len(lines) <= 30


async def test_the_messenger_of_the_manual_asks_and_is_answered(desk: DeskApi) -> None:
    port = free_port()
    hook = await connected(desk, f"http://127.0.0.1:{port}")
    variables = {"HOOK": hook, "PORT": str(port)}
    async with (
        desk.live() as live,
        running(sys.executable, "-c", example("python"), **variables) as messenger,
    ):
        opened = await live.next("TicketOpened")
        path = f"tickets/{opened['ticket_id']}"
        ticket = await desk.get(path)
        sent = await desk.post(f"{path}/messages", reply("<p>On its <b>way</b></p>"))
        await live.next("MessageStateChanged", message_id=sent["id"], state="delivered")
        assert messenger.stdout is not None
        async with asyncio.timeout(20):
            printed = await messenger.stdout.readline()

    thread = await desk.get(f"{path}/messages")
    assert ticket["messages"][0]["text"] == "Where is my parcel?"
    assert printed.decode().strip() == "to u-42: On its way"
    assert {one["state"] for one in thread["items"] if one["id"] == sent["id"]} == {"delivered"}
    (client,) = (await desk.get("clients"))["items"]
    assert client["name"] == "Ann"


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="needs curl")
async def test_the_call_of_the_manual_is_taken(desk: DeskApi) -> None:
    hook = await connected(desk, "http://127.0.0.1:1025")
    async with desk.live() as live, running("bash", "-c", example("sh"), HOOK=hook) as call:
        opened = await live.next("TicketOpened")
        printed, _ = await call.communicate()

    assert printed.decode().strip() == "200"
    assert opened["data"]["subject"] == "Where is my parcel?"


async def test_a_status_moves_forward_and_only_answers_of_its_own_account(desk: DeskApi) -> None:
    async with running_custom() as ours, running_custom() as theirs:
        hook, other = [await connected(desk, one.answers_url) for one in (ours, theirs)]
        async with desk.live() as live:
            assert await ours.tell(hook, written("Hello")) == 200
            opened = await live.next("TicketOpened")
            path = f"tickets/{opened['ticket_id']}/messages"
            sent = await desk.post(path, reply("Hi"))
            assert (await ours.next_sent())["text"] == "Hi"
            await live.next("MessageStateChanged", message_id=sent["id"], state="sent")

            assert await _tell(theirs, other, sent["id"], "failed") == 200
            assert await _tell(ours, hook, sent["id"], "read") == 200
            assert await _tell(ours, hook, sent["id"], "delivered") == 200
            assert await _tell(ours, hook, str(uuid4()), "read") == 200
            assert await ours.tell(hook, written("Thanks", number=2)) == 200
            await live.next("MessageAdded", kind="inbound", preview="Thanks")

        thread = await desk.get(path)
    assert {one["state"] for one in thread["items"] if one["id"] == sent["id"]} == {"read"}


async def test_two_systems_may_count_their_clients_alike(desk: DeskApi) -> None:
    async with running_custom() as ours, running_custom() as theirs:
        for server in (ours, theirs):
            hook = await connected(desk, server.answers_url)
            assert await server.tell(hook, written("Hello", client="1")) == 200
        tickets = (await desk.get("tickets"))["items"]
        plans = [await desk.get(f"tickets/{one['id']}/reply-plan") for one in tickets]

    assert len((await desk.get("clients"))["items"]) == 2
    assert [len(plan["routes"]) for plan in plans] == [1, 1]


async def test_a_client_who_is_gone_is_said_until_they_write_again(desk: DeskApi) -> None:
    async with running_custom() as server:
        hook = await connected(desk, server.answers_url)
        async with desk.live() as live:
            await server.tell(hook, written("Hello"))
            opened = await live.next("TicketOpened")
            server.gone.add("u-42")
            path = f"tickets/{opened['ticket_id']}"
            sent = await desk.post(f"{path}/messages", reply("Hi"))
            failed = await live.next("MessageStateChanged", message_id=sent["id"], state="failed")
            gone = await desk.get(f"{path}/reply-plan")
            await server.tell(hook, written("I am back", number=2))
            back = await desk.get(f"{path}/reply-plan")

    assert failed["data"]["reason"] == "Ann has left"
    assert (gone["warnings"], back["warnings"]) == (["client_gone"], [])


async def test_a_forged_or_unreadable_call_is_told_so(desk: DeskApi) -> None:
    async with running_custom() as server:
        hook = await connected(desk, server.answers_url)
        statuses = [
            await server.tell(hook, written("Hello"), secret="guessed" * 8),
            await server.tell(hook, written("Hello"), at=1_000_000_000),
            await server.tell(hook, {"type": "message", "id": "m-1"}),
            await server.tell(hook.replace("custom", "telegram"), written("Hello")),
            await server.tell(hook, written("x" * 1_100_000)),
        ]

    assert statuses == [403, 403, 422, 404, 422]
    assert (await desk.get("tickets"))["items"] == []
    assert (await desk.get("dead-letters"))["items"] == []


async def _tell(server: CustomServer, hook: str, answer_id: str, status: str) -> int:
    return await server.tell(hook, {"type": "status", "answer_id": answer_id, "status": status})
