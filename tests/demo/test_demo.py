"""`make demo` starts, clients write and are answered, and Ctrl-C leaves nothing behind."""

import asyncio
import os
import re
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, STDOUT
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from channels.catalogue import CHANNELS
from demo.staff import PASSWORD, STAFF
from demo.talking import Desk
from demo.words import TONGUES, tongue_of

PHONES = re.compile(r"client's telephone:\s+(http://\S+)")
ADDRESS = re.compile(r"The demonstration runs at (http://\S+)")


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Dovecot's sockets lie below it, and the name of a socket is short."""
    with tempfile.TemporaryDirectory(prefix="d-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("tongue", TONGUES, ids=lambda one: one.locale)
def test_an_agent_answers_in_the_language_of_the_question(tongue: Any) -> None:
    first_lines = [question.lines[0] for question in tongue.questions]

    assert {tongue_of(line).locale for line in first_lines} == {tongue.locale}


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_it_starts_is_busy_and_stops_cleanly(short_folder: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "demo", "--port", "0", "--pace", "12"),
        env={**os.environ, "TMPDIR": str(short_folder)},
        stdout=PIPE,
        stderr=STDOUT,
    )
    try:
        url, phones = await _addresses(process)
        answered = await _answered_by_hand(phones)
        channels = await _answered_on(url, {"mail", "webchat"})
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(60):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()

    assert channels >= {"mail", "webchat"}
    assert answered == set(CHANNELS) - {"mail", "webchat", "voice"}
    assert (process.returncode, said.decode().splitlines()[-1:]) == (
        0,
        ["Stopped; nothing is left behind."],
    ), said.decode()
    assert list(short_folder.iterdir()) == []


async def _addresses(process: asyncio.subprocess.Process) -> tuple[str, str]:
    assert process.stdout is not None
    said = ""
    async with asyncio.timeout(120):
        while line := (await process.stdout.readline()).decode():
            said += line
            found, phones = ADDRESS.search(said), PHONES.search(said)
            if found and phones and "Ctrl-C" in line:
                return found[1], phones[1]
    raise AssertionError(said)


async def _answered_by_hand(phones: str) -> set[str]:
    """Write on every telephone as a person does; return those on which an agent answered."""
    answered = set()
    async with aiohttp.ClientSession(phones) as http, asyncio.timeout(150):
        listed = await (await http.get("/phones")).json()
        kinds = [one["kind"] for one in listed["phones"]]
        for kind in kinds:
            await http.post(f"/phones/{kind}", json={"text": TONGUES[0].questions[0].lines[0]})
        for kind in kinds:
            while not _is_answered(await _thread(http, kind)):  # noqa: ASYNC110 - as the page does
                await asyncio.sleep(0.5)
            answered.add(kind)
    return answered


def _is_answered(thread: list[dict[str, Any]]) -> bool:
    """Whether an agent's own words came: what the menu says is nobody's answer."""
    told = [one["text"] for one in thread if not one["mine"]]
    return any(answer in text for text in told for tongue in TONGUES for answer in tongue.answers)


async def _thread(http: aiohttp.ClientSession, kind: str) -> list[dict[str, Any]]:
    async with http.get(f"/phones/{kind}") as answer:
        found: list[dict[str, Any]] = await answer.json()
        return found


async def _answered_on(url: str, wanted: set[str]) -> set[str]:
    """Wait until scripted agents have answered on every wanted channel; return which they did."""
    scripted = {one.name for one in STAFF if one.scripted}
    found: Counter[str] = Counter()
    async with Desk(url) as desk:
        await desk.sign_in(STAFF[0].email, PASSWORD)
        names = {one["id"]: one["name"] for one in await desk.call("GET", "agents")}
        async with asyncio.timeout(90):
            while not wanted <= found.keys():
                page = await desk.call("GET", "tickets?view=all&limit=100")
                for ticket in page["items"]:
                    if names.get(ticket["assignee_id"]) in scripted:
                        full = await desk.call("GET", f"tickets/{ticket['id']}")
                        answers = [one for one in full["messages"] if one["kind"] == "outbound"]
                        found.update(one["channel"] for one in answers if one["state"] != "failed")
                await asyncio.sleep(0.5)
    return set(found)
