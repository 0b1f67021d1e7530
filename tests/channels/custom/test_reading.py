"""What another system tells is believed only when proven, and means the same however it comes."""

import asyncio
import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from channels.custom.connector import CustomConnector
from channels.envelope import HookCall, Inbound, Report, Status
from channels.errors import UnreadableDeliveryError, UnsignedCallError
from kernel.limits import CUSTOM_FILES, HOOKED_FILE_BYTES
from tests.channels.custom.scene import call, made
from tests.channels.scene import Desk
from tests.clock import ManualClock
from tests.simulators.custom import CustomServer, proof, written

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
ANSWER = "0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b"


async def said(line: CustomConnector, desk: Desk) -> list[Any]:
    answers = await line.read(list(desk.stored.values()))
    return [one for answer in answers if not isinstance(answer, Exception) for one in answer]


async def only(line: CustomConnector, desk: Desk) -> Inbound:
    (one,) = await said(line, desk)
    assert isinstance(one, Inbound)
    return one


async def test_a_message_comes_with_who_wrote_it_and_what_it_answers(
    line: CustomConnector, stored: Desk, clock: ManualClock
) -> None:
    client = {"id": "u-42", "name": "Анна", "email": "ann@client.example", "locale": "uk"}
    event = written("Де моя посилка?", sent_at="2030-01-07T11:00:00+02:00")

    await line.receive(
        call({**event, "client": client, "reply_to": "m-0", "quoted": "Hello"}, clock),
        stored.deliver,
    )

    one = await only(line, stored)
    assert (one.sender.handle, one.sender.name) == ("key:u-42", "Анна")
    assert (one.text, one.quoted, one.references) == ("Де моя посилка?", "Hello", ("m-0",))
    assert one.sent_at == datetime(2030, 1, 7, 9, tzinfo=UTC)
    assert one.attributes == {"name": "Анна", "email": "ann@client.example", "locale": "uk"}
    assert list(stored.stored) == ["message:m-1"]


def variants() -> list[tuple[str, dict[str, str]]]:
    body = json.dumps(written("Hello")).encode()
    now = ManualClock().now().timestamp()
    good = proof(body, at=now)
    digest = good["X-Signature"]
    return [
        ("nothing", {}),
        ("no stamp", {"X-Signature": digest}),
        ("no signature", {"X-Timestamp": good["X-Timestamp"]}),
        ("other secret", proof(body, secret="x" * 40, at=now)),
        ("other body", proof(body + b" ", at=now)),
        ("other stamp", {**good, "X-Timestamp": str(int(now) + 1)}),
        ("old", proof(body, at=now - 301)),
        ("ahead", proof(body, at=now + 302)),
        ("prefix only", {**good, "X-Signature": "sha256="}),
        ("cut", {**good, "X-Signature": digest[:-2]}),
        ("bare", {**good, "X-Signature": digest.removeprefix("sha256=")}),
        ("upper", {**good, "X-Signature": digest.upper()}),
        ("letters", {**good, "X-Signature": "sha256=ї"}),
        ("no number", {**good, "X-Timestamp": "²"}),
        ("endless", {**good, "X-Timestamp": "9" * 400}),
    ]


@pytest.mark.parametrize("headers", [one for _, one in variants()], ids=[n for n, _ in variants()])
async def test_a_call_that_proves_nothing_stores_nothing(
    line: CustomConnector, stored: Desk, headers: dict[str, str]
) -> None:
    body = json.dumps(written("Hello")).encode()
    lowered = {name.lower(): value for name, value in headers.items()}

    with pytest.raises(UnsignedCallError):
        await line.receive(HookCall(headers=lowered, body=body), stored.deliver)

    assert stored.stored == {}


async def test_a_replay_is_stored_once_within_the_bound_and_refused_after_it(
    line: CustomConnector, stored: Desk, clock: ManualClock
) -> None:
    made_call = call(written("Hello"), clock)
    await line.receive(made_call, stored.deliver)
    clock.advance(seconds=299)
    await line.receive(made_call, stored.deliver)
    clock.advance(seconds=2)

    with pytest.raises(UnsignedCallError):
        await line.receive(made_call, stored.deliver)

    assert len(stored.stored) == 1


async def test_our_own_answer_sent_back_to_us_means_nothing(
    line: CustomConnector, stored: Desk, clock: ManualClock
) -> None:
    answer = {"type": "answer", "id": "m-9", "client": {"id": "u-42"}, "text": "I am the client"}

    with pytest.raises(UnreadableDeliveryError):
        await line.receive(call(answer, clock), stored.deliver)

    assert stored.stored == {}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": ""}, r"\$\.id"),
        ({"id": "a b"}, r"\$\.id"),
        ({"id": "a\x00"}, r"\$\.id"),
        ({"id": "x" * 201}, r"\$\.id"),
        ({"client": {"name": "Ann"}}, "id"),
        ({"text": ""}, r"text or files"),
        ({"text": 7}, r"\$\.text"),
        ({"sent_at": "2030-01-07T11:00:00"}, r"\$\.sent_at"),
        ({"files": [{"name": "a"}]}, r"either `url` or `data` - at `\$\.files\[0\]`"),
        ({"files": [{"url": "https://a.example", "data": "YQ=="}]}, "either"),
        ({"files": [{"data": "not base64!"}]}, r"\$\.files\[0\]\.data|\$\.files\[\.\.\.\]\.data"),
        ({"files": [{"data": "YQ=="}] * (CUSTOM_FILES + 1)}, r"\$\.files"),
        ({"type": "dance"}, "type"),
    ],
    ids=[
        *("no id", "space", "nul", "long id", "nobody", "empty", "number", "no zone"),
        *("no file", "both", "no base64", "many files", "kind"),
    ],
)
async def test_what_cannot_be_understood_is_refused_with_the_field(
    line: CustomConnector, stored: Desk, clock: ManualClock, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(UnreadableDeliveryError, match=words):
        await line.receive(call({**written("Hello"), **change}, clock), stored.deliver)

    assert stored.stored == {}


async def test_files_come_in_place_and_by_address(
    line: CustomConnector, stored: Desk, clock: ManualClock, server: CustomServer
) -> None:
    inline = {"name": "../note.txt", "data": base64.b64encode(b"Hello").decode()}
    by_url = {"name": "photo.jpg", "url": server.keep("photo", PNG)}

    await line.receive(call(written("", files=[inline, by_url]), clock), stored.deliver)

    one = await only(line, stored)
    assert [(file.name, file.media_type, file.size) for file in one.files] == [
        ("note.txt", "text/plain", 5),
        ("photo.jpg", "image/png", len(PNG)),
    ]
    assert one.files[0].data == b"Hello"
    assert stored.files[str(one.files[1].blob)] == PNG


async def test_a_repeated_call_fetches_no_file_again(
    line: CustomConnector, stored: Desk, clock: ManualClock, server: CustomServer
) -> None:
    event = written("", files=[{"url": server.keep("photo", PNG)}])
    await line.receive(call(event, clock), stored.deliver)

    await line.receive(call(event, clock), stored.deliver)

    assert server.asked == ["file"]


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("{server}/files/nothing", "file_missing"),
        ("http://169.254.169.254/latest/meta-data", "file_refused"),
        ("http://127.0.0.1.evil.example/x", "file_refused"),
        ("http://evil.example/127.0.0.1", "file_refused"),
        ("file:///etc/passwd", "file_refused"),
        ("http://127.0.0.1:99999/x", "file_refused"),
        ("{server}/files/large", "file_too_large"),
    ],
    ids=["gone", "metadata", "suffix", "path", "scheme", "port", "large"],
)
async def test_a_file_that_cannot_be_had_is_named_in_the_message(
    line: CustomConnector,
    stored: Desk,
    clock: ManualClock,
    server: CustomServer,
    url: str,
    problem: str,
) -> None:
    server.keep("large", bytes(HOOKED_FILE_BYTES + 1))
    file = {"name": "bill.pdf", "url": url.format(server=server.url)}

    await line.receive(call(written("See here", files=[file]), clock), stored.deliver)

    one = await only(line, stored)
    assert (one.text, one.files, one.warnings) == ("See here\n[bill.pdf]", (), (problem,))


async def test_files_are_fetched_from_the_hosts_that_are_named_alone(
    stored: Desk, clock: ManualClock, server: CustomServer
) -> None:
    url = server.keep("photo", PNG)
    async with made(server, stored, clock, file_hosts=["cdn.example"]) as line:
        await line.receive(call(written("", files=[{"url": url}]), clock), stored.deliver)

        one = await only(line, stored)

    assert one.warnings == ("file_refused",)
    assert server.asked == []


async def test_a_status_names_our_answer_and_each_is_one_delivery(
    line: CustomConnector, stored: Desk, clock: ManualClock
) -> None:
    for status in ("read", "delivered", "read", "failed"):
        event = {"type": "status", "answer_id": ANSWER, "status": status, "reason": "why"}
        await line.receive(call(event, clock), stored.deliver)

    reports = await said(line, stored)
    assert all(isinstance(one, Report) and str(one.claimed_id) == ANSWER for one in reports)
    assert [one.status for one in reports] == [Status.READ, Status.DELIVERED, Status.FAILED]


async def test_a_moment_that_no_calendar_has_in_utc_is_left_out(
    line: CustomConnector, stored: Desk, clock: ManualClock
) -> None:
    event = written("Hello", sent_at="0001-01-01T00:00:00+14:00")

    await line.receive(call(event, clock), stored.deliver)

    assert (await only(line, stored)).sent_at is None


async def test_a_file_host_that_is_away_is_asked_again(
    line: CustomConnector, stored: Desk, clock: ManualClock, server: CustomServer
) -> None:
    url = server.keep("photo", PNG)
    server.fail("file", status=503)
    telling = asyncio.create_task(
        line.receive(call(written("", files=[{"url": url}]), clock), stored.deliver)
    )
    await clock.until_asleep()
    clock.advance(seconds=1)
    await telling

    assert (await only(line, stored)).warnings == ()
