"""A Viber bot's settings, its connection test, and its webhook, which is kept set."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from channels.envelope import Account, Checks, Connector, Health, Hooked, Listens
from channels.errors import BadCredentialsError, MisconfiguredError, ProviderUnavailableError
from channels.viber.account import secrets_bound_elsewhere
from channels.viber.connector import ViberConnector
from tests.channels.scene import Desk, surroundings
from tests.channels.viber.scene import account, call, made
from tests.clock import ManualClock
from tests.simulators.viber import TOKEN, ViberServer


def plain(token: str = TOKEN, **settings: object) -> Account:
    secrets = {"auth_token": token}
    return Account(id=uuid4(), kind="viber", name="Shop", settings=settings, secrets=secrets)


def test_it_is_a_connector_that_listens_is_called_and_can_be_tried() -> None:
    around = surroundings(Desk())
    connector: Connector = ViberConnector(plain(), around)
    listening: Listens = ViberConnector(plain(), around)
    hooked: Hooked = ViberConnector(plain(), around)
    checked: Checks = ViberConnector(plain(), around)

    assert {one.__class__ for one in (connector, listening, hooked, checked)} == {ViberConnector}


@pytest.mark.parametrize(
    ("token", "settings", "words"),
    [
        ("", {}, "paste the token"),
        ("12345", {}, "no Viber token"),
        (TOKEN, {"sender_name": "x" * 29}, "sender_name"),
        (TOKEN, {"unknown": 1}, "unknown"),
        (TOKEN, {"api_url": "http://chatapi.viber.com/pa"}, "use https"),
        (TOKEN, {"api_url": "https://127.0.0.1/pa"}, "not a public address"),
        (TOKEN, {"api_url": "https://chatapi.viber.com/pa?a=1"}, "leave out"),
        (TOKEN, {"media_hosts": ["no host"]}, "media_hosts"),
    ],
    ids=["none", "torn", "name", "unknown", "plain", "inside", "query", "host"],
)
def test_what_cannot_work_is_refused_with_the_field(
    token: str, settings: dict[str, object], words: str
) -> None:
    with pytest.raises(MisconfiguredError, match=words):
        ViberConnector(plain(token, **settings), surroundings(Desk(), allow_private_hosts=False))


def test_a_saved_token_is_asked_for_anew_when_the_server_changes() -> None:
    usual = {"api_url": "https://chatapi.viber.com/pa"}

    assert secrets_bound_elsewhere({}, {"api_url": "https://evil.example"}) == {
        "auth_token": "api_url"
    }
    assert secrets_bound_elsewhere({}, usual) == {}


async def test_the_connection_test_says_whose_bot_it_is(
    bot: ViberConnector, server: ViberServer
) -> None:
    server.hook = "https://elsewhere.example/bot"

    steps = await bot.check()

    assert [(one.name, one.ok) for one in steps] == [
        ("viber_account", True),
        ("viber_address", True),
    ]
    assert steps[0].detail == "Shop; its calls go to elsewhere.example now"
    assert server.asked == ["get_account_info"]


async def test_a_wrong_token_and_a_private_address_are_said_with_the_cure(
    server: ViberServer, stored: Desk
) -> None:
    wrong = ViberConnector(account(server, "0" * 16 + TOKEN[16:]), surroundings(stored))
    async with wrong as bot:
        (refused,) = await bot.check()
    async with made(server, stored, ManualClock()) as bot:
        bot._around = surroundings(stored, allow_private_hosts=False)
        steps = await bot.check()

    assert not refused.ok
    assert "token" in refused.cure
    assert [one.ok for one in steps] == [True, False]
    assert "https" in steps[1].detail


async def test_the_webhook_is_set_and_set_again_when_somebody_else_took_it(
    bot: ViberConnector, server: ViberServer, stored: Desk, clock: ManualClock
) -> None:
    calls: list[str] = []

    async def call_us(url: str, body: bytes, headers: Any) -> int:
        calls.append(url)
        await bot.receive(call(body), stored.deliver)
        return 200

    server.call = call_us  # type: ignore[method-assign]
    listening = asyncio.create_task(bot.listen(stored.deliver, stored.tell))
    await clock.until_asleep()
    server.hook = "https://elsewhere.example"
    clock.advance(seconds=300)
    await server.until_asked("set_webhook", 2)
    await clock.until_asleep()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)

    assert server.hook == "http://127.0.0.1:8080/hooks/viber/key"
    assert len(calls) == 2
    assert stored.stored == {}
    assert stored.told[-1] == (Health.CONNECTED, "Shop")


@pytest.mark.parametrize(
    ("trouble", "error", "health"),
    [
        ({"status": 200, "answer": {"status": 2}}, BadCredentialsError, Health.BAD_CREDENTIALS),
        ({"status": 200, "answer": {"status": 9}}, MisconfiguredError, Health.MISCONFIGURED),
        ({"status": 502, "answer": "<html>"}, ProviderUnavailableError, Health.WAITING),
        ({"cut": "before"}, ProviderUnavailableError, Health.WAITING),
    ],
    ids=["token", "suspended", "gateway", "cut"],
)
async def test_what_goes_wrong_while_listening_is_said_in_a_word(
    bot: ViberConnector,
    server: ViberServer,
    stored: Desk,
    trouble: dict[str, Any],
    error: type[Exception],
    health: Health,
) -> None:
    server.fail("get_account_info", **trouble)

    with pytest.raises(error):
        await bot.listen(stored.deliver, stored.tell)

    assert stored.told[-1][0] is health
