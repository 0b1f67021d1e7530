"""What Viber tells is believed only when signed, and every kind of message is readable."""

import json
from typing import Any

import pytest

from channels.envelope import HookCall, Inbound, Reach, Report, Status
from channels.errors import UnreadableDeliveryError, UnsignedCallError
from channels.viber.connector import ViberConnector
from tests.channels.scene import Desk
from tests.channels.viber.scene import call
from tests.simulators.viber import TOKEN, ViberServer, proof

MAP = "https://www.openstreetmap.org/?mlat=50.450000&mlon=30.520000#map=16/50.450000/30.520000"
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


async def understood(bot: ViberConnector, desk: Desk) -> list[Any]:
    answers = await bot.read(list(desk.stored.values()))
    return [one for answer in answers if not isinstance(answer, Exception) for one in answer]


async def test_a_text_comes_with_who_wrote_it(
    bot: ViberConnector, server: ViberServer, stored: Desk
) -> None:
    await bot.receive(call(server.said("Де моя посилка?")), stored.deliver)

    (one,) = await understood(bot, stored)
    assert isinstance(one, Inbound)
    assert (one.sender.handle, one.sender.name, one.text) == ("ann=", "Ann", "Де моя посилка?")
    assert one.attributes == {"name": "Ann", "locale": "uk"}
    assert one.sent_at is not None
    assert one.sent_at.year == 2030


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-viber-content-signature": ""},
        {"x-viber-content-signature": "ї"},
        proof(b"other"),
        proof(b"{}", "0" * 50),
        {name: value.upper() for name, value in proof(b"{}").items()},
        {name: value[:20] for name, value in proof(b"{}").items()},
    ],
    ids=["none", "empty", "letters", "other body", "other token", "upper", "cut"],
)
async def test_a_call_that_proves_nothing_stores_nothing(
    bot: ViberConnector, stored: Desk, headers: dict[str, str]
) -> None:
    lowered = {name.lower(): value for name, value in headers.items()}

    with pytest.raises(UnsignedCallError):
        await bot.receive(HookCall(headers=lowered, body=b"{}"), stored.deliver)

    assert stored.stored == {}


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            {"type": "location", "location": {"lat": 50.45, "lon": 30.52}},
            f"50.450000, 30.520000\n{MAP}",
        ),
        (
            {"type": "contact", "contact": {"name": "Bo", "phone_number": "+380441234567"}},
            "Bo, +380441234567",
        ),
        ({"type": "sticker", "sticker_id": 46105}, "[sticker]"),
        ({"type": "url", "media": "https://shop.example"}, "https://shop.example"),
        ({"type": "url", "media": "https://a.example", "text": "See"}, "See\nhttps://a.example"),
        ({"type": "dance<b>"}, "[danceb]"),
    ],
    ids=["place", "card", "sticker", "link", "link and text", "of tomorrow"],
)
async def test_what_is_no_text_comes_in_readable_words(
    bot: ViberConnector, server: ViberServer, stored: Desk, message: dict[str, Any], words: str
) -> None:
    await bot.receive(call(server.said(**message)), stored.deliver)

    (one,) = await understood(bot, stored)
    assert one.text == words
    assert ("unsupported" in one.warnings) == (message["type"] == "dance<b>")


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ({"type": "picture"}, "photo.jpg"),
        ({"type": "video", "size": 9}, "video.mp4"),
        ({"type": "file", "file_name": "../bill.pdf", "file_size": 9}, "bill.pdf"),
        ({"type": "sticker", "sticker_id": 1}, "sticker.png"),
    ],
    ids=["picture", "video", "file", "sticker"],
)
async def test_files_are_fetched_before_the_message_is_stored(
    bot: ViberConnector, server: ViberServer, stored: Desk, message: dict[str, Any], name: str
) -> None:
    url = server.keep("media", PNG)

    await bot.receive(call(server.said("See", media=url, **message)), stored.deliver)

    (one,) = await understood(bot, stored)
    (file,) = one.files
    assert (one.text, file.name, file.media_type) == ("See", name, "image/png")
    assert stored.files[file.blob] == PNG


async def test_a_file_that_lies_elsewhere_is_named_and_not_fetched(
    bot: ViberConnector, server: ViberServer, stored: Desk
) -> None:
    told = server.said(type="file", media="http://169.254.169.254/x", file_name="bill.pdf")

    await bot.receive(call(told), stored.deliver)

    (one,) = await understood(bot, stored)
    assert (one.text, one.files, one.warnings) == ("[bill.pdf]", (), ("file_refused",))


async def test_what_became_of_an_answer_is_reported_by_its_token(
    bot: ViberConnector, server: ViberServer, stored: Desk
) -> None:
    for event in ("seen", "delivered", "failed", "delivered"):
        told = server.callback(event, user_id="ann=", desc="no device")
        await bot.receive(call({**told, "message_token": 77}), stored.deliver)

    reports = await understood(bot, stored)
    assert all(isinstance(one, Report) and one.thread_key == "77" for one in reports)
    assert [(one.status, one.reason) for one in reports] == [
        (Status.READ, ""),
        (Status.DELIVERED, ""),
        (Status.FAILED, "no device"),
    ]


async def test_who_unsubscribes_is_reached_no_more_until_they_subscribe_again(
    bot: ViberConnector, server: ViberServer, stored: Desk
) -> None:
    await bot.receive(call(server.callback("unsubscribed", user_id="ann=")), stored.deliver)
    await bot.receive(call(server.callback("subscribed", user={"id": "ann="})), stored.deliver)

    gone, back = await understood(bot, stored)
    assert isinstance(gone, Reach)
    assert gone.handle == back.handle == "ann="
    assert "unsubscribed" in str(gone.unreachable)
    assert back.unreachable is None


async def test_what_says_nothing_is_not_kept(
    bot: ViberConnector, server: ViberServer, stored: Desk
) -> None:
    await bot.receive(call(server.callback("webhook")), stored.deliver)
    await bot.receive(
        call(server.callback("conversation_started", user={"id": "ann="}, subscribed=False)),
        stored.deliver,
    )

    assert stored.stored == {}


async def test_an_event_of_tomorrow_is_kept_and_means_nothing(
    bot: ViberConnector, server: ViberServer, stored: Desk
) -> None:
    await bot.receive(call(server.callback("danced")), stored.deliver)

    assert len(stored.stored) == 1
    assert await understood(bot, stored) == []


@pytest.mark.parametrize(
    "body",
    [b"\xff", b"[]", b"{", b'{"event":7}', b'{"event":"message","message_token":1}'],
    ids=["bytes", "list", "torn", "number", "nobody"],
)
async def test_what_cannot_be_understood_is_kept_as_it_came(
    bot: ViberConnector, stored: Desk, body: bytes
) -> None:
    await bot.receive(call(body), stored.deliver)

    (answer,) = await bot.read(list(stored.stored.values()))
    assert isinstance(answer, UnreadableDeliveryError)


async def test_the_same_call_again_is_the_same_delivery(
    bot: ViberConnector, server: ViberServer, stored: Desk
) -> None:
    told = server.said("Hello", type="picture", media=server.keep("media", PNG))

    for body in (json.dumps(told), json.dumps(told, indent=1)):
        await bot.receive(call(body.encode(), TOKEN), stored.deliver)

    assert len(stored.stored) == 1
    assert server.asked == ["file"]
