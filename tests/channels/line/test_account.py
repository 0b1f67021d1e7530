"""A LINE account's settings, its connection test, and its webhook, which is kept set."""

import asyncio
from uuid import uuid4

import pytest

from channels.envelope import Account, Checks, Connector, Health, Hooked, Listens
from channels.errors import BadCredentialsError, MisconfiguredError
from channels.line.account import secrets_bound_elsewhere
from channels.line.connector import LineConnector
from tests.channels.line.scene import account, made
from tests.channels.scene import Desk, surroundings
from tests.clock import ManualClock
from tests.simulators.line import INFO, SECRET, TOKEN, LineServer


def plain(secret: str = SECRET, token: str = TOKEN, **settings: object) -> Account:
    secrets = {"channel_secret": secret, "access_token": token}
    return Account(id=uuid4(), kind="line", name="Shop", settings=settings, secrets=secrets)


def test_it_is_a_connector_that_listens_is_called_and_can_be_tried() -> None:
    around = surroundings(Desk())
    connector: Connector = LineConnector(plain(), around)
    listening: Listens = LineConnector(plain(), around)
    hooked: Hooked = LineConnector(plain(), around)
    checked: Checks = LineConnector(plain(), around)

    assert {one.__class__ for one in (connector, listening, hooked, checked)} == {LineConnector}


@pytest.mark.parametrize(
    ("made_of", "words"),
    [
        (plain(secret=""), "channel_secret"),
        (plain(secret="g" * 32), "channel_secret"),
        (plain(token=""), "access_token"),
        (plain(token="short"), "access_token"),
        (plain(unknown=1), "unknown"),
        (plain(api_url="http://api.line.me"), "api_url: use https"),
        (plain(data_url="https://127.0.0.1"), "data_url"),
    ],
    ids=["no secret", "no hex", "no token", "torn", "unknown", "plain", "inside"],
)
def test_what_cannot_work_is_refused_with_the_field(made_of: Account, words: str) -> None:
    with pytest.raises(MisconfiguredError, match=words):
        LineConnector(made_of, surroundings(Desk(), allow_private_hosts=False))


def test_a_saved_token_is_asked_for_anew_when_a_server_changes() -> None:
    moved = secrets_bound_elsewhere({}, {"data_url": "https://evil.example"})

    assert moved == {"access_token": "data_url"}
    assert secrets_bound_elsewhere({}, {"api_url": "https://api.line.me"}) == {}


async def test_the_connection_test_says_whose_account_it_is_and_whether_its_webhook_is_on(
    bot: LineConnector, server: LineServer
) -> None:
    fresh = await bot.check()
    server.hook, server.active = "https://elsewhere.example/bot", False
    off = await bot.check()

    assert [(one.name, one.ok) for one in fresh] == [("line_account", True), ("line_address", True)]
    assert fresh[0].detail == "Shop (@shop)"
    assert [one.ok for one in off] == [True, False, True]
    assert "elsewhere.example" in off[0].detail
    assert "Use webhook" in off[1].cure


async def test_the_webhook_is_set_and_one_that_is_off_is_said(
    bot: LineConnector, server: LineServer, stored: Desk, clock: ManualClock
) -> None:
    listening = asyncio.create_task(bot.listen(stored.deliver, stored.tell))
    await clock.until_asleep()
    first = stored.told[-1]
    server.active = False
    clock.advance(seconds=300)
    await server.until_asked(INFO, 2)
    await clock.until_asleep()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)

    assert server.hook == "http://127.0.0.1:8080/hooks/line/key"
    assert first == (Health.CONNECTED, "Shop (@shop)")
    assert stored.told[-1][0] is Health.WAITING
    assert "switched off" in stored.told[-1][1]


async def test_a_wrong_token_is_said_in_a_word(server: LineServer, stored: Desk) -> None:
    wrong = LineConnector(account(server, "x" * 60), surroundings(stored))
    async with wrong as bot:
        (step,) = await bot.check()
        with pytest.raises(BadCredentialsError):
            await bot.listen(stored.deliver, stored.tell)

    assert not step.ok
    assert step.cure
    assert stored.told[-1][0] is Health.BAD_CREDENTIALS


async def test_an_address_that_line_cannot_call_is_said(
    server: LineServer, stored: Desk, clock: ManualClock
) -> None:
    async with made(server, stored, clock) as bot:
        bot._around = surroundings(stored, clock, allow_private_hosts=False)
        steps = await bot.check()

    assert [one.ok for one in steps] == [True, False]
