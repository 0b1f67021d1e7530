"""What Meta tells is believed only when signed, each event by itself, echoes not at all."""

from datetime import UTC, datetime
from typing import Any

import pytest

from channels.envelope import HookCall, Inbound, ReadUntil, Report, Status
from channels.errors import UnreadableDeliveryError, UnsignedCallError
from channels.meta.connector import MetaConnector
from tests.channels.meta.scene import called
from tests.channels.scene import Desk
from tests.simulators.meta import WHO, MetaServer, proof

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


async def understood(page: MetaConnector, desk: Desk) -> list[Any]:
    answers = await page.read(list(desk.stored.values()))
    return [one for answer in answers if not isinstance(answer, Exception) for one in answer]


async def told(page: MetaConnector, desk: Desk, server: MetaServer, *events: Any) -> list[Any]:
    await page.receive(called(server.calling(*events)), desk.deliver)
    return await understood(page, desk)


async def test_a_text_comes_with_the_name_that_meta_tells_when_asked(
    page: MetaConnector, server: MetaServer, stored: Desk
) -> None:
    events = (server.said("Де посилка?", reply_to={"mid": "m_0"}), server.said("Алло?"))

    one, _ = await told(page, stored, server, *events)

    assert isinstance(one, Inbound)
    assert (one.sender.handle, one.sender.name, one.text) == ("9001", "Ann", "Де посилка?")
    assert (one.references, one.attributes["name"]) == (("m_0",), "Ann")
    assert one.sent_at == datetime(2030, 1, 1, tzinfo=UTC)
    assert server.asked == [WHO]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-hub-signature-256": ""},
        {"x-hub-signature-256": "sha256="},
        {"x-hub-signature-256": "ї"},
        {name: value.removeprefix("sha256=") for name, value in proof(b"{}").items()},
        {name: value.upper() for name, value in proof(b"{}").items()},
        {name: value[:-1] for name, value in proof(b"{}").items()},
        proof(b"other"),
        proof(b"{}", "0" * 32),
    ],
    ids=["none", "empty", "prefix", "letters", "bare", "upper", "cut", "other body", "secret"],
)
async def test_a_call_that_proves_nothing_stores_nothing(
    page: MetaConnector, stored: Desk, headers: dict[str, str]
) -> None:
    lowered = {name.lower(): value for name, value in headers.items()}

    with pytest.raises(UnsignedCallError):
        await page.receive(HookCall(headers=lowered, body=b"{}"), stored.deliver)


async def test_one_broken_event_of_a_call_spoils_none_of_its_neighbours(
    page: MetaConnector, server: MetaServer, stored: Desk
) -> None:
    body = server.calling(server.said("before"), b'{"sender":7}', server.said("after"))

    await page.receive(called(body), stored.deliver)
    await page.receive(called(body), stored.deliver)

    answers = await page.read(list(stored.stored.values()))
    assert len(answers) == 3
    assert isinstance(answers[1], UnreadableDeliveryError)
    assert [one.text for one in await understood(page, stored)] == ["before", "after"]


async def test_echoes_and_other_pages_are_passed_over(
    page: MetaConnector, server: MetaServer, stored: Desk
) -> None:
    echo = server.said("On its way", is_echo=True, app_id=1)

    await page.receive(called(server.calling(echo)), stored.deliver)
    await page.receive(called(server.calling(server.said("Hi"), page="7")), stored.deliver)

    assert stored.stored == {}


async def test_files_are_fetched_once_and_only_from_metas_hosts(
    page: MetaConnector, server: MetaServer, stored: Desk
) -> None:
    url = {"url": "http://169.254.169.254/x"}
    event = server.attached("image", PNG)
    event["message"]["attachments"].append({"type": "file", "payload": url})
    await told(page, stored, server, event)

    (one,) = await told(page, stored, server, event)

    assert [file.name for file in one.files] == ["photo.jpg"]
    assert stored.files[one.files[0].blob] == PNG
    assert (one.text, one.warnings) == ("[file]", ("file_refused",))
    assert server.asked.count("file") == 1


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            {"attachments": [{"type": "share", "payload": {"url": "https://a.example"}}]},
            "[share] https://a.example",
        ),
        (
            {"attachments": [{"type": "fallback", "payload": {"title": "Shop", "url": ""}}]},
            "[fallback] Shop",
        ),
        ({"attachments": [{"type": "story_mention"}]}, "[story_mention]"),
        ({"is_unsupported": True}, "[message]"),
    ],
    ids=["share", "title", "story", "unsupported"],
)
async def test_what_is_no_text_comes_in_readable_words(
    page: MetaConnector,
    server: MetaServer,
    stored: Desk,
    message: dict[str, Any],
    words: str,
) -> None:
    (one,) = await told(page, stored, server, server.said(**message))

    assert one.text == words


async def test_the_press_of_a_button_and_a_withdrawal_are_messages(
    page: MetaConnector, server: MetaServer, stored: Desk
) -> None:
    pressed = server.event(postback={"mid": "m_9", "title": "Get started", "payload": "START"})
    withdrawn = server.event(message={"mid": "m_1", "is_deleted": True})

    button, gone = await told(page, stored, server, pressed, withdrawn)

    assert button.text == "Get started"
    assert (gone.references, gone.warnings) == (("m_1",), ("withdrawn",))


async def test_what_became_of_an_answer_is_told_by_name_or_by_time(
    page: MetaConnector, server: MetaServer, stored: Desk
) -> None:
    delivered = server.event(delivery={"mids": ["m_1", "m_2"], "watermark": 1})
    until = server.event(read={"watermark": 1_893_456_000_500})
    seen = server.event(read={"mid": "m_3"})

    found = await told(page, stored, server, delivered, until, seen)

    reports = [one for one in found if isinstance(one, Report)]
    assert [(one.thread_key, one.status) for one in reports] == [
        ("m_1", Status.DELIVERED),
        ("m_2", Status.DELIVERED),
        ("m_3", Status.READ),
    ]
    (read,) = [one for one in found if isinstance(one, ReadUntil)]
    assert (read.handle, read.until.microsecond) == ("9001", 500_000)


async def test_an_event_of_tomorrow_is_kept_and_means_nothing(
    page: MetaConnector, server: MetaServer, stored: Desk
) -> None:
    assert await told(page, stored, server, server.event(dance={"steps": 3})) == []
    assert len(stored.stored) == 1


@pytest.mark.parametrize("body", [b"\xff", b"[]", b"{", b'{"entry":[7]}'], ids=str)
async def test_what_cannot_be_understood_is_kept_as_it_came(
    page: MetaConnector, stored: Desk, body: bytes
) -> None:
    await page.receive(called(body), stored.deliver)

    (answer,) = await page.read(list(stored.stored.values()))
    assert isinstance(answer, UnreadableDeliveryError)
