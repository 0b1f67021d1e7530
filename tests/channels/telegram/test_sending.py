"""An answer leaves as one request, and whatever Telegram says to it is understood."""

from datetime import timedelta

import pytest

from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    OutcomeUnknownError,
    ProviderUnavailableError,
    RecipientGoneError,
)
from channels.telegram.connector import TelegramConnector
from kernel.limits import MIB
from tests.channels.scene import Desk, answer, surroundings
from tests.channels.telegram.scene import account
from tests.clock import ManualClock
from tests.simulators.telegram import TOKEN, TelegramServer

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
PICTURE = ("a.png", "image/png", PNG)
BILL = ('Рахунок "1".pdf', "application/pdf", b"%PDF-1.7")


async def test_a_text_arrives_and_the_receipt_names_it_for_ever(
    bot: TelegramConnector, server: TelegramServer
) -> None:
    receipt = await bot.send(answer("It is on its way <b>&"))

    sent = await server.next_sent()
    assert (sent.chat, sent.text) == (7001, "It is on its way <b>&")
    assert receipt.external_id == f"7001:{sent.message_id}"


@pytest.mark.parametrize(
    ("files", "method"),
    [
        ((PICTURE,), "sendPhoto"),
        ((BILL,), "sendDocument"),
        ((PICTURE, PICTURE), "sendMediaGroup"),
        ((PICTURE, BILL), "sendMediaGroup"),
        ((("a.png", "image/png", PNG + bytes(10 * MIB)),), "sendDocument"),
    ],
    ids=["picture", "document", "pictures", "mixed", "large picture"],
)
async def test_files_arrive_with_the_text_in_one_request(
    bot: TelegramConnector,
    server: TelegramServer,
    files: tuple[tuple[str, str, bytes], ...],
    method: str,
) -> None:
    await bot.send(answer("See here", *files))

    sent = await server.next_sent()
    assert sent.method == method
    assert sent.text == "See here"
    assert [data for _, data in sent.files] == [data for _, _, data in files]
    assert len(server.sent) == 1


async def test_a_picture_that_cannot_be_shown_goes_as_a_file(
    bot: TelegramConnector, server: TelegramServer
) -> None:
    server.fail("sendPhoto", status=400, description="Bad Request: PHOTO_INVALID_DIMENSIONS")

    await bot.send(answer("See here", PICTURE))

    assert (await server.next_sent()).method == "sendDocument"


async def test_a_client_who_blocked_the_bot_is_gone_for_good(
    bot: TelegramConnector, server: TelegramServer
) -> None:
    server.blocked.add(7001)

    with pytest.raises(RecipientGoneError, match="has blocked the bot"):
        await bot.send(answer())


async def test_the_pause_that_telegram_asks_for_is_handed_on(
    bot: TelegramConnector, server: TelegramServer
) -> None:
    server.fail("sendMessage", status=429, description="Too Many Requests", retry_after=17)

    with pytest.raises(ProviderUnavailableError) as refused:
        await bot.send(answer())

    assert refused.value.retry_after == timedelta(seconds=17)


async def test_within_a_pause_telegram_is_not_asked(server: TelegramServer, stored: Desk) -> None:
    clock = ManualClock()
    server.fail("sendMessage", status=429, description="Too Many Requests", retry_after=17)
    async with TelegramConnector(account(server), surroundings(stored, clock)) as bot:
        with pytest.raises(ProviderUnavailableError):
            await bot.send(answer())
        clock.advance(seconds=10)
        with pytest.raises(ProviderUnavailableError) as early:
            await bot.send(answer())
        clock.advance(seconds=7)
        await bot.send(answer())

    assert early.value.retry_after == timedelta(seconds=7)
    assert server.asked.count("sendMessage") == 2


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        ({"status": 500, "description": "Internal"}, ProviderUnavailableError),
        ({"status": 502, "plain": True}, OutcomeUnknownError),
        ({"cut": "before"}, OutcomeUnknownError),
        ({"cut": "after"}, OutcomeUnknownError),
        ({"status": 401, "description": "Unauthorized"}, BadCredentialsError),
        ({"status": 400, "description": "Bad Request: chat not found"}, MessageRejectedError),
        ({"status": 403, "description": "Forbidden: user is deactivated"}, RecipientGoneError),
    ],
    ids=["500", "gateway", "cut before", "cut after", "token", "refused", "deleted"],
)
async def test_what_telegram_says_decides_whether_it_is_tried_again(
    bot: TelegramConnector,
    server: TelegramServer,
    trouble: dict[str, object],
    error: type[Exception],
) -> None:
    server.fail("sendMessage", **trouble)

    with pytest.raises(error) as failed:
        await bot.send(answer())

    assert TOKEN not in str(failed.value)


async def test_nobody_there_means_that_nothing_was_sent(
    server: TelegramServer, stored: Desk
) -> None:
    gone = account(server, api_url="http://127.0.0.1:1025")
    async with TelegramConnector(gone, surroundings(stored)) as bot:
        with pytest.raises(ProviderUnavailableError):
            await bot.send(answer())


@pytest.mark.parametrize(
    "message",
    [answer("x" * 16_385), answer("x" * 1_025, PICTURE), answer("", *[PICTURE] * 11), answer(" ")],
    ids=["long", "long beside files", "many files", "nothing"],
)
async def test_what_telegram_never_takes_is_not_even_asked(
    bot: TelegramConnector, server: TelegramServer, message: object
) -> None:
    with pytest.raises(MessageRejectedError):
        await bot.send(message)  # type: ignore[arg-type]

    assert server.asked == []
