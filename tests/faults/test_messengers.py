"""Dead at any moment of a messenger's way in and out, the center loses nothing and says nothing
twice."""

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.faults.messengers import SECONDS, Messenger, running_messengers
from tests.faults.people import Desk, browser
from tests.faults.server import running_server
from tests.faults.waiting import until_asked

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PNG = b"\x89PNG\r\n\x1a\n"
WAY_IN = (
    "blobs.after_writing_before_naming",
    "intake.after_reading_before_files",
    "intake.after_files_before_rows",
    "intake.before_commit",
    "intake.after_commit_before_ack",
)
WAY_OUT = (
    "courier.after_sending_before_settling",
    "courier.before_commit",
    "courier.after_lease_before_sending",
)


@pytest.fixture
async def messengers() -> AsyncIterator[Sequence[Messenger]]:
    async with running_messengers() as all_of_them:
        yield all_of_them


async def test_no_messenger_loses_or_doubles_anything_though_the_center_dies(
    tmp_path: Path, messengers: Sequence[Messenger]
) -> None:
    """One center has an account of each, since what costs is to start one."""
    async with running_server(tmp_path / "var") as server, browser() as http:
        desk = Desk(http, server.url)
        await desk.set_up(server.setup_token())
        for one in messengers:
            await one.connect(desk)
        for one, point in _each(messengers, WAY_IN):
            await server.kill()
            await server.start(crash_at=f"{point}:1")
            assert not await one.tell(f"{one.kind}-{point}", PNG + point.encode()), point
            assert await server.died(within=SECONDS), (one.kind, point)
        await server.start()
        for one in messengers:
            assert await one.tell_again()
        kept = {one.kind: await _tickets(desk, one) for one in messengers}

        answers: dict[str, tuple[str, dict[str, str], str]] = {}
        for one, point in _each(messengers, WAY_OUT):
            await server.kill()
            await server.start(crash_at=f"{point}:1")
            words = f"{one.kind}-{point}"
            messages = f"tickets/{kept[one.kind][WAY_OUT.index(point)]['ticket']['id']}/messages"
            answer = {"id": str(uuid4()), "kind": "reply", "html": f"<p>{words}</p>"}
            # Whether the console heard that it is promised depends on who was faster.
            await desk.once("POST", messages, answer)
            assert await server.died(within=SECONDS), words
            # Who cannot be asked whether they took it is not told again.
            in_doubt = not one.repeatable and words in one.said()
            answers[words] = messages, answer, "uncertain" if in_doubt else "sent"
        await server.start()
        for messages, answer, _ in answers.values():
            await desk.surely("POST", messages, answer)

        async def are_settled() -> bool:
            states = [await _state(desk, at, one["id"]) for at, one, _ in answers.values()]
            return states == [end for _, _, end in answers.values()]

        # What the dead ones had leased is taken up again half a minute later.
        await until_asked(are_settled, SECONDS, every=0.5)
        crashes = server.crashes()

    for one in messengers:
        files = [[len(said["attachments"]) for said in at["messages"]] for at in kept[one.kind]]
        assert files == [[1]] * len(WAY_IN), one.kind
        assert sorted(one.said()) == sorted(f"{one.kind}-{point}" for point in WAY_OUT)
    assert crashes == []


def _each(
    messengers: Sequence[Messenger], points: Sequence[str]
) -> Iterator[tuple[Messenger, str]]:
    """Every messenger at every point; those that are told again come last, since they may be what
    a later life dies of."""
    return ((one, point) for point in points for one in messengers)


async def _tickets(desk: Desk, messenger: Messenger) -> list[dict[str, Any]]:
    page = await desk.surely("GET", "tickets?limit=100")
    mine = [one for one in page["items"] if one["channel"] == messenger.kind]
    return [await desk.surely("GET", f"tickets/{one['id']}") for one in mine]


async def _state(desk: Desk, messages: str, message_id: str) -> str:
    page = await desk.surely("GET", messages)
    return next(str(one["state"]) for one in page["items"] if one["id"] == message_id)
