"""An answer leaves as one signed request under one key, and what is said to it is understood."""

import base64
from datetime import timedelta
from typing import Any

import pytest

from channels.custom.connector import CustomConnector
from channels.envelope import Party
from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    MisconfiguredError,
    ProviderUnavailableError,
    RecipientGoneError,
)
from kernel.limits import CUSTOM_FILE_BYTES, CUSTOM_FILES, CUSTOM_TEXT_CHARS
from tests.channels.custom.scene import account, around, made
from tests.channels.scene import Desk, answer
from tests.clock import ManualClock
from tests.simulators.custom import PATH, CustomServer

BILL = ('Рахунок "1".pdf', "application/pdf", b"%PDF-1.7")


def to_ann(text: str = "On its way.", *files: tuple[str, str, bytes], **more: Any) -> Any:
    return answer(text, *files, recipient=Party(handle="key:u-42", name="Ann"), **more)


async def test_an_answer_arrives_signed_with_its_files_and_what_it_answers(
    line: CustomConnector, server: CustomServer
) -> None:
    message = to_ann("See <b>here</b>", BILL, author_name="Olena", in_reply_to="m-1")

    receipt = await line.send(message)

    sent = await server.next_sent()
    (file,) = sent.pop("files")
    assert sent == {
        "type": "answer",
        "id": str(message.key),
        "client": {"id": "u-42", "name": "Ann"},
        "text": "See <b>here</b>",
        "author": "Olena",
        "reply_to": "m-1",
    }
    assert base64.b64decode(file.pop("data")) == BILL[2]
    assert file == {"name": BILL[0], "media_type": BILL[1], "size": len(BILL[2])}
    assert receipt.external_id == str(message.key)


async def test_the_same_answer_again_carries_the_same_key(
    line: CustomConnector, server: CustomServer
) -> None:
    message = to_ann()
    server.fail(PATH, cut="after")
    with pytest.raises(ProviderUnavailableError):
        await line.send(message)

    await line.send(message)

    assert len(server.sent) == 1
    assert server.repeated == 1


@pytest.mark.parametrize(
    ("trouble", "error", "words"),
    [
        ({"status": 500}, ProviderUnavailableError, "500"),
        ({"status": 409}, ProviderUnavailableError, "409"),
        ({"status": 401}, BadCredentialsError, "signature"),
        ({"status": 403}, BadCredentialsError, "signature"),
        ({"status": 404}, MisconfiguredError, "url"),
        ({"status": 302, "headers": {"Location": "/x"}}, MisconfiguredError, "url"),
        ({"status": 410}, RecipientGoneError, "no longer reaches"),
        ({"status": 410, "answer": {"error": "Ann\nhas left"}}, RecipientGoneError, "Ann has left"),
        ({"status": 422, "answer": {"error": "no emoji"}}, MessageRejectedError, "no emoji"),
        ({"status": 400, "answer": "<html>"}, MessageRejectedError, "400"),
        ({"status": 413, "answer": "x" * 100_000}, ProviderUnavailableError, "more than we read"),
        ({"cut": "before"}, ProviderUnavailableError, "broke off"),
    ],
    ids=[
        *("500", "409", "401", "403", "404", "302", "410", "410 words", "422", "html"),
        *("endless", "cut"),
    ],
)
async def test_the_answer_decides_whether_it_is_tried_again(
    line: CustomConnector,
    server: CustomServer,
    trouble: dict[str, Any],
    error: type[Exception],
    words: str,
) -> None:
    server.fail(PATH, **trouble)

    with pytest.raises(error, match=words):
        await line.send(to_ann())

    assert server.sent == []


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("17", 17), ("Mon, 07 Jan 2030 09:00:17 GMT", 17), ("Mon, 07 Jan 2030 08:00:00 GMT", 0)],
    ids=["seconds", "date", "past"],
)
async def test_the_pause_is_obeyed_however_it_is_written(
    line: CustomConnector, server: CustomServer, clock: ManualClock, said: str, seconds: int
) -> None:
    server.fail(PATH, status=429, headers={"Retry-After": said})
    with pytest.raises(ProviderUnavailableError) as asked:
        await line.send(to_ann())
    early = len(server.asked)
    if seconds:
        with pytest.raises(ProviderUnavailableError):
            await line.send(to_ann())
    clock.advance(seconds=seconds)

    await line.send(to_ann())

    assert asked.value.retry_after == timedelta(seconds=seconds)
    assert len(server.asked) == early + 1


@pytest.mark.parametrize("said", ["", "soon", "-1", "1.5", "9" * 30], ids=str)
async def test_a_pause_that_cannot_be_read_is_none(
    line: CustomConnector, server: CustomServer, said: str
) -> None:
    server.fail(PATH, status=503, headers={"Retry-After": said})

    with pytest.raises(ProviderUnavailableError) as asked:
        await line.send(to_ann())

    assert asked.value.retry_after is None


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (to_ann("  "), "nothing to send"),
        (to_ann("x" * (CUSTOM_TEXT_CHARS + 1)), "send it in parts"),
        (to_ann("x", *[BILL] * (CUSTOM_FILES + 1)), "files"),
        (to_ann("x", *[("a", "text/plain", bytes(CUSTOM_FILE_BYTES))] * 3), "too large"),
        (answer("x"), "not known there"),
    ],
    ids=["empty", "long", "many", "large", "somebody else's"],
)
async def test_what_the_channel_never_carries_is_refused_unasked(
    line: CustomConnector, server: CustomServer, message: Any, words: str
) -> None:
    with pytest.raises(MessageRejectedError, match=words):
        await line.send(message)

    assert server.asked == []


async def test_the_connection_test_says_whether_both_sides_agree(
    server: CustomServer, stored: Desk, clock: ManualClock
) -> None:
    async with made(server, stored, clock) as line:
        (good,) = await line.check()
    other = CustomConnector(
        account(server, "another-secret-9tRwXz7Lq2Hm5Vb-kP"), around(stored, clock)
    )
    async with other as line:
        (bad,) = await line.check()

    assert (good.ok, good.name) == (True, "custom_answer")
    assert not bad.ok
    assert "signature" in bad.detail
    assert "secret" in bad.cure
    assert server.sent == []
