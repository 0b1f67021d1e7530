"""An answer leaves as one push under one key, and whatever LINE says to it is understood."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from channels.envelope import Outbound, Party
from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    MisconfiguredError,
    ProviderUnavailableError,
)
from channels.line.connector import LineConnector
from kernel.limits import LINE_PICTURE_BYTES, LINE_TEXT_CHARS
from tests.channels.scene import answer
from tests.clock import ManualClock
from tests.simulators.line import PUSH, LineServer

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
PICTURE = ("a.png", "image/png", PNG)


def to_ann(text: str = "On its way.", *files: tuple[str, str, bytes]) -> Outbound:
    return answer(text, *files, recipient=Party(handle="Uann", name="Ann"))


async def test_a_text_and_its_pictures_arrive_in_one_push(
    bot: LineConnector, server: LineServer
) -> None:
    message = to_ann("See <b>here</b>", PICTURE, PICTURE)

    receipt = await bot.send(message)

    sent = await server.next_sent()
    assert (sent["to"], sent["key"]) == ("Uann", str(message.key))
    assert [one["type"] for one in sent["messages"]] == ["text", "image", "image"]
    assert sent["messages"][0]["text"] == "See <b>here</b>"
    assert sent["messages"][1]["originalContentUrl"].startswith("http://127.0.0.1:8080/lent/")
    assert receipt.external_id == sent["id"]


async def test_a_push_whose_answer_was_lost_goes_again_and_is_taken_once(
    bot: LineConnector, server: LineServer
) -> None:
    message = to_ann()
    server.fail(PUSH, cut="after")
    with pytest.raises(ProviderUnavailableError):
        await bot.send(message)

    receipt = await bot.send(message)

    assert len(server.sent) == 1
    assert receipt.external_id == server.sent[0]["id"]


@pytest.mark.parametrize(
    ("trouble", "error", "words"),
    [
        ({"status": 401}, BadCredentialsError, "token"),
        ({"status": 403, "answer": {"message": "no plan"}}, MisconfiguredError, "no plan"),
        ({"status": 400, "answer": {"message": "bad to"}}, MessageRejectedError, "bad to"),
        (
            {"status": 429, "answer": {"message": "You have reached your monthly limit."}},
            MisconfiguredError,
            "used up",
        ),
        ({"status": 429, "answer": {"message": "rate"}}, ProviderUnavailableError, "pause"),
        ({"status": 500}, ProviderUnavailableError, "500"),
        ({"cut": "before"}, ProviderUnavailableError, "broke off"),
    ],
    ids=["token", "plan", "refused", "month", "rate", "500", "cut"],
)
async def test_what_line_says_decides_whether_it_is_tried_again(
    bot: LineConnector,
    server: LineServer,
    trouble: dict[str, Any],
    error: type[Exception],
    words: str,
) -> None:
    server.fail(PUSH, **trouble)

    with pytest.raises(error, match=words):
        await bot.send(to_ann())

    assert server.sent == []


@pytest.mark.parametrize(
    "message",
    [
        to_ann(" "),
        to_ann("x" * (LINE_TEXT_CHARS + 1)),
        to_ann("x", *[PICTURE] * 5),
        to_ann("x", ("a.pdf", "application/pdf", b"%PDF-1.7")),
        to_ann("x", ("a.png", "image/png", bytes(LINE_PICTURE_BYTES + 1))),
    ],
    ids=["empty", "long", "many", "no picture", "large"],
)
async def test_what_line_never_takes_is_refused_unasked(
    bot: LineConnector, server: LineServer, message: Outbound
) -> None:
    with pytest.raises(MessageRejectedError):
        await bot.send(message)

    assert server.asked == []


async def test_within_a_pause_line_is_not_asked(
    bot: LineConnector, server: LineServer, clock: ManualClock
) -> None:
    server.fail(PUSH, status=429, headers={"Retry-After": "17"})
    with pytest.raises(ProviderUnavailableError):
        await bot.send(to_ann())
    clock.advance(seconds=10)
    with pytest.raises(ProviderUnavailableError) as early:
        await bot.send(to_ann())
    clock.advance(seconds=7)

    await bot.send(to_ann())

    assert early.value.retry_after == timedelta(seconds=7)
    assert server.asked.count(PUSH) == 2


async def test_quick_replies_stand_under_the_last_part(
    bot: LineConnector, server: LineServer
) -> None:
    await bot.send(msgspec.structs.replace(to_ann("Good?"), choices=("Yes", "No")))

    (sent,) = server.sent
    items = sent["messages"][-1]["quickReply"]["items"]
    assert [one["action"]["text"] for one in items] == ["Yes", "No"]


async def test_the_client_is_shown_that_somebody_writes_but_not_in_a_pause(
    bot: LineConnector, server: LineServer, clock: ManualClock
) -> None:
    await bot.types("Uann", "")
    server.fail(PUSH, status=429, answer={"message": "slow"}, headers={"Retry-After": "9"})
    with pytest.raises(ProviderUnavailableError):
        await bot.send(answer(recipient=Party(handle="Uann")))
    await bot.types("Uann", "")

    assert server.typed == ["Uann"]
