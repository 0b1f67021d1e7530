"""Buttons under a message, and the sign that somebody writes: heard once, and never in the way."""

from datetime import timedelta

import pytest

from channels.errors import ProviderUnavailableError
from channels.telegram.connector import TelegramConnector
from tests.channels.scene import Desk, answer, surroundings
from tests.channels.telegram.scene import account, following
from tests.clock import ManualClock
from tests.simulators.telegram import TelegramServer


async def test_a_press_says_the_words_of_its_button_and_the_buttons_go(
    bot: TelegramConnector, server: TelegramServer, stored: Desk
) -> None:
    long = "Ні, повідомлення ще не прийшло, спробуйте ще раз пізніше"
    await bot.send(answer("Did it come?", choices=("Yes", long)))
    (sent,) = server.sent
    buttons = [words for words, _ in sent.buttons]

    async with following(bot, stored):
        made = await server.press(sent, long)
        await server.until_confirmed(made["update_id"])
        (said,) = await stored.said(bot)

    assert buttons == ["Yes", long]
    assert (said.text, said.quoted, said.sender.handle) == (long, "Did it come?", "7001")
    assert said.sender_proven
    assert server.answered == [made["callback_query"]["id"]]
    assert sent.buttons == []


async def test_a_press_that_comes_again_is_said_once(
    bot: TelegramConnector, server: TelegramServer, stored: Desk
) -> None:
    await bot.send(answer("Did it come?", choices=("Yes", "No")))
    (sent,) = server.sent
    first = await server.press(sent, "Yes")
    await server.press(sent, "Yes")
    await server.press(sent, "No")
    stored.refusals = 1

    with pytest.raises(RuntimeError, match="database is away"):
        await bot.listen(stored.deliver, stored.tell)
    assert server.answered == []
    async with following(bot, stored):
        last = await server.update(callback_query=first["callback_query"])
        await server.until_confirmed(last["update_id"])

    assert [one.text for one in await stored.said(bot)] == ["Yes", "No"]
    assert len(server.answered) == 4


async def test_an_old_press_and_one_that_nobody_made_are_harmless(
    bot: TelegramConnector, server: TelegramServer, stored: Desk
) -> None:
    await bot.send(answer("Did it come?", choices=("Yes", "No")))
    (sent,) = server.sent
    gone = {"message_id": 99, "date": 0, "chat": {"id": 7001, "type": "private"}}
    group = {"message_id": 98, "date": 0, "chat": {"id": -5, "type": "group"}}
    async with following(bot, stored):
        await server.press(sent, "Yes", id="old-1", message=gone)
        await server.press(sent, "No", id="old-2", message=group)
        await server.press(sent, "No", id="old-3", message=None)
        made = await server.press(sent, "No", data="\x00garbage")
        await server.until_confirmed(made["update_id"])

    assert [one.text for one in await stored.said(bot)] == ["Yes"]


async def test_a_webhook_of_before_is_told_to_bring_presses_too(
    server: TelegramServer, stored: Desk
) -> None:
    clock = ManualClock()
    called = account(server, receiving="webhook")
    async with (
        TelegramConnector(called, surroundings(stored, clock)) as bot,
        following(bot, stored),
    ):
        await server.until_asked("setWebhook")
        server.hook.tells = ["message"]
        await clock.until_asleep()
        clock.advance(minutes=6)
        await server.until_asked("setWebhook", 2)
        await clock.until_asleep()

    assert "callback_query" in server.hook.tells


async def test_a_client_sees_that_somebody_writes_unless_messages_go(
    server: TelegramServer, stored: Desk
) -> None:
    clock = ManualClock()
    async with TelegramConnector(account(server), surroundings(stored, clock)) as bot:
        await bot.types("7001", "")
        await bot.send(answer("It is on its way"))
        await bot.types("7001", "")
        clock.advance(seconds=5)
        server.blocked.add(7002)
        await bot.types("7002", "")
        server.fail("sendChatAction", status=429, description="Too Many", retry_after=9)
        await bot.types("7003", "")
        await bot.types("7004", "")
        with pytest.raises(ProviderUnavailableError) as refused:
            await bot.send(answer("And this?"))

    assert server.shown == [(7001, "typing")]
    assert server.asked.count("sendChatAction") == 3
    assert refused.value.retry_after == timedelta(seconds=9)
