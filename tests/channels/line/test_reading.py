"""What LINE tells is believed only when signed, each event by itself, and comes with a name."""

from typing import Any

import pytest

from channels.envelope import HookCall, Inbound, Reach
from channels.errors import UnreadableDeliveryError, UnsignedCallError
from channels.line.connector import LineConnector
from tests.channels.line.scene import call, called
from tests.channels.scene import Desk
from tests.clock import ManualClock
from tests.simulators.line import PROFILE, LineServer, calling, proof

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


def sent(**message: Any) -> dict[str, Any]:
    return {"message": {"id": "1", **message}}


async def understood(bot: LineConnector, desk: Desk) -> list[Any]:
    answers = await bot.read(list(desk.stored.values()))
    return [one for answer in answers if not isinstance(answer, Exception) for one in answer]


async def test_a_text_comes_with_the_name_that_line_tells_when_asked(
    bot: LineConnector, server: LineServer, stored: Desk
) -> None:
    await bot.receive(call(server.said("Де посилка?", quotedMessageId="7")), stored.deliver)
    await bot.receive(call(server.said("Алло?")), stored.deliver)

    one, _ = await understood(bot, stored)
    assert isinstance(one, Inbound)
    assert (one.sender.handle, one.sender.name, one.text) == ("Uann", "Ann", "Де посилка?")
    assert (one.attributes, one.references) == ({"name": "Ann", "locale": "uk"}, ("7",))
    assert server.asked == [PROFILE]


@pytest.mark.parametrize("trouble", [{"status": 500}, {"status": 404}], ids=["500", "404"])
async def test_a_name_that_cannot_be_had_holds_up_nobody(
    bot: LineConnector,
    server: LineServer,
    stored: Desk,
    clock: ManualClock,
    trouble: dict[str, Any],
) -> None:
    server.fail(PROFILE, **trouble)
    await bot.receive(call(server.said("one")), stored.deliver)
    await bot.receive(call(server.said("two")), stored.deliver)
    clock.advance(seconds=61)
    await bot.receive(call(server.said("three")), stored.deliver)

    said = await understood(bot, stored)
    assert [one.sender.name for one in said] == ["", "", "Ann"]
    assert server.asked == [PROFILE, PROFILE]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-line-signature": ""},
        {"x-line-signature": "ї"},
        proof(b"other"),
        proof(b"{}", "0" * 32),
        {name: value.rstrip("=") for name, value in proof(b"{}").items()},
    ],
    ids=["none", "empty", "letters", "other body", "other secret", "cut"],
)
async def test_a_call_that_proves_nothing_stores_nothing(
    bot: LineConnector, stored: Desk, headers: dict[str, str]
) -> None:
    lowered = {name.lower(): value for name, value in headers.items()}

    with pytest.raises(UnsignedCallError):
        await bot.receive(HookCall(headers=lowered, body=b"{}"), stored.deliver)


async def test_one_broken_event_of_a_call_spoils_none_of_its_neighbours(
    bot: LineConnector, server: LineServer, stored: Desk
) -> None:
    made = call(server.said("before"), b'{"type":7}', server.said("after"))

    await bot.receive(made, stored.deliver)
    await bot.receive(made, stored.deliver)

    answers = await bot.read(list(stored.stored.values()))
    assert len(answers) == 3
    assert isinstance(answers[1], UnreadableDeliveryError)
    assert [one.text for one in await understood(bot, stored)] == ["before", "after"]


async def test_a_redelivery_is_the_same_delivery(
    bot: LineConnector, server: LineServer, stored: Desk
) -> None:
    told = server.attached("image", PNG)
    await bot.receive(call(told), stored.deliver)

    await bot.receive(call({**told, "deliveryContext": {"isRedelivery": True}}), stored.deliver)

    assert len(stored.stored) == 1
    assert server.asked.count("content") == 1


@pytest.mark.parametrize(
    ("kind", "more", "name"),
    [
        ("image", {}, "photo.jpg"),
        ("video", {"duration": 60_000}, "video.mp4"),
        ("audio", {}, "audio.m4a"),
        ("file", {"fileName": "bill.pdf", "fileSize": 9}, "bill.pdf"),
    ],
    ids=["image", "video", "audio", "file"],
)
async def test_files_are_fetched_with_the_accounts_token(
    bot: LineConnector,
    server: LineServer,
    stored: Desk,
    kind: str,
    more: dict[str, Any],
    name: str,
) -> None:
    await bot.receive(call(server.attached(kind, PNG, **more)), stored.deliver)

    (one,) = await understood(bot, stored)
    assert [file.name for file in one.files] == [name]
    assert stored.files[one.files[0].blob] == PNG


async def test_what_lies_elsewhere_is_named_and_not_fetched(
    bot: LineConnector, server: LineServer, stored: Desk
) -> None:
    elsewhere = {"type": "external", "originalContentUrl": "http://169.254.169.254/x"}

    await bot.receive(call(server.said(type="image", contentProvider=elsewhere)), stored.deliver)

    (one,) = await understood(bot, stored)
    assert (one.text, one.warnings) == ("[photo.jpg]", ("file_refused",))


@pytest.mark.parametrize(
    ("event", "words", "warnings"),
    [
        (sent(type="sticker", keywords=["Hi", "Joy"]), "[sticker: Hi, Joy]", ()),
        (sent(type="sticker"), "[sticker]", ()),
        (sent(type="dance"), "[dance]", ("unsupported",)),
        ({"unsend": {"messageId": "9"}}, "[unsend]", ("withdrawn",)),
        ({"postback": {"data": "menu=2"}}, "menu=2", ()),
    ],
    ids=["sticker", "bare sticker", "of tomorrow", "unsend", "button"],
)
async def test_what_is_no_text_comes_in_readable_words(
    bot: LineConnector,
    server: LineServer,
    stored: Desk,
    event: dict[str, Any],
    words: str,
    warnings: tuple[str, ...],
) -> None:
    await bot.receive(call(server.event("any", **event)), stored.deliver)

    (one,) = await understood(bot, stored)
    assert (one.text, one.warnings) == (words, warnings)


async def test_a_place_comes_with_a_link_to_a_map(
    bot: LineConnector, server: LineServer, stored: Desk
) -> None:
    spot: dict[str, Any] = {
        "title": "Shop",
        "address": "Kyiv",
        "latitude": 50.45,
        "longitude": 30.52,
    }

    await bot.receive(call(server.said(type="location", **spot)), stored.deliver)

    (one,) = await understood(bot, stored)
    assert one.text.startswith("Shop\nKyiv\n50.450000, 30.520000\nhttps://www.openstreetmap.org/")


async def test_who_blocks_the_account_is_reached_no_more_until_they_follow_again(
    bot: LineConnector, server: LineServer, stored: Desk
) -> None:
    await bot.receive(call(server.event("unfollow"), server.event("follow")), stored.deliver)

    gone, back = await understood(bot, stored)
    assert isinstance(gone, Reach)
    assert "blocked" in str(gone.unreachable)
    assert (back.handle, back.unreachable) == ("Uann", None)


async def test_groups_and_the_trial_call_store_nothing(
    bot: LineConnector, server: LineServer, stored: Desk
) -> None:
    group = {**server.said("Hi"), "source": {"type": "group", "groupId": "C", "userId": "Uann"}}

    await bot.receive(call(group), stored.deliver)
    await bot.receive(called(calling()), stored.deliver)

    assert stored.stored == {}


@pytest.mark.parametrize("body", [b"\xff", b"[]", b"{", b'{"events":7}'], ids=str)
async def test_what_cannot_be_understood_is_kept_as_it_came(
    bot: LineConnector, stored: Desk, body: bytes
) -> None:
    await bot.receive(called(body), stored.deliver)

    (answer,) = await bot.read(list(stored.stored.values()))
    assert isinstance(answer, UnreadableDeliveryError)
