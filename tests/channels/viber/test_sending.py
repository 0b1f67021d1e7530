"""An answer leaves as one request, and whatever Viber says to it is understood."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from channels.envelope import Outbound, Party
from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    MisconfiguredError,
    OutcomeUnknownError,
    ProviderUnavailableError,
    RecipientGoneError,
)
from channels.viber.connector import ViberConnector
from kernel.limits import MIB, VIBER_TEXT_CHARS
from tests.channels.scene import answer
from tests.clock import ManualClock
from tests.simulators.viber import ViberServer

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
PICTURE = ("a.png", "image/png", PNG)
BILL = ('Рахунок "1".pdf', "application/pdf", b"%PDF-1.7")


def to_ann(text: str = "On its way.", *files: tuple[str, str, bytes]) -> Outbound:
    return answer(text, *files, recipient=Party(handle="ann=", name="Ann"))


async def test_a_text_arrives_and_the_receipt_names_it_for_ever(
    bot: ViberConnector, server: ViberServer
) -> None:
    receipt = await bot.send(to_ann("On its way <b>&"))

    sent = await server.next_sent()
    assert (sent["receiver"], sent["type"], sent["text"]) == ("ann=", "text", "On its way <b>&")
    assert sent["sender"] == {"name": "Shop"}
    assert receipt.external_id == str(sent["message_token"])


@pytest.mark.parametrize(
    ("file", "kind"),
    [(PICTURE, "picture"), (BILL, "file"), (("a.png", "image/png", PNG + bytes(MIB)), "file")],
    ids=["picture", "file", "large picture"],
)
async def test_a_file_goes_as_an_address_that_viber_fetches(
    bot: ViberConnector, server: ViberServer, file: tuple[str, str, bytes], kind: str
) -> None:
    await bot.send(to_ann("", file))

    sent = await server.next_sent()
    assert sent["type"] == kind
    assert sent["media"].startswith("http://127.0.0.1:8080/lent/")
    assert sent.get("file_name", file[0]) == file[0]
    assert sent.get("size", len(file[2])) == len(file[2])


@pytest.mark.parametrize(
    "message",
    [
        to_ann(" "),
        to_ann("x" * (VIBER_TEXT_CHARS + 1)),
        to_ann("x", PICTURE),
        to_ann("", PICTURE, BILL),
    ],
    ids=["empty", "long", "both", "two files"],
)
async def test_what_viber_never_takes_is_refused_unasked(
    bot: ViberConnector, server: ViberServer, message: Outbound
) -> None:
    with pytest.raises(MessageRejectedError):
        await bot.send(message)

    assert server.asked == []


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        ({"status": 200, "answer": {"status": 2}}, BadCredentialsError),
        ({"status": 200, "answer": {"status": 3, "status_message": "bad"}}, MessageRejectedError),
        ({"status": 200, "answer": {"status": 5}}, RecipientGoneError),
        ({"status": 200, "answer": {"status": 6}}, RecipientGoneError),
        ({"status": 200, "answer": {"status": 9}}, MisconfiguredError),
        ({"status": 200, "answer": {"status": 12}}, ProviderUnavailableError),
        ({"status": 200, "answer": {"status": -1}}, ProviderUnavailableError),
        ({"status": 200, "answer": "yes"}, OutcomeUnknownError),
        ({"status": 502, "answer": "<html>"}, OutcomeUnknownError),
        ({"cut": "before"}, OutcomeUnknownError),
        ({"cut": "after"}, OutcomeUnknownError),
    ],
    ids=[
        *("token", "refused", "unknown", "left", "suspended", "pause", "general", "no json"),
        *("gateway", "cut before", "cut after"),
    ],
)
async def test_what_viber_says_decides_whether_it_is_tried_again(
    bot: ViberConnector, server: ViberServer, trouble: dict[str, Any], error: type[Exception]
) -> None:
    server.fail("send_message", **trouble)

    with pytest.raises(error):
        await bot.send(to_ann())

    assert server.asked == ["send_message"]


async def test_within_a_pause_viber_is_not_asked(
    bot: ViberConnector, server: ViberServer, clock: ManualClock
) -> None:
    server.fail("send_message", status=429, headers={"Retry-After": "17"})
    with pytest.raises(ProviderUnavailableError):
        await bot.send(to_ann())
    clock.advance(seconds=10)
    with pytest.raises(ProviderUnavailableError) as early:
        await bot.send(to_ann())
    clock.advance(seconds=7)

    await bot.send(to_ann())

    assert early.value.retry_after == timedelta(seconds=7)
    assert server.asked.count("send_message") == 2


async def test_quick_replies_are_keys_that_say_their_words(
    bot: ViberConnector, server: ViberServer
) -> None:
    await bot.send(msgspec.structs.replace(to_ann("Good?"), choices=("Yes", "No")))

    (sent,) = server.sent
    keys = sent["keyboard"]["Buttons"]
    assert sent["text"] == "Good?"
    assert [(one["Text"], one["ActionBody"], one["ActionType"]) for one in keys] == [
        ("Yes", "Yes", "reply"),
        ("No", "No", "reply"),
    ]
