"""A number's settings, its connection test, and how its provider is made to call us."""

import asyncio
from uuid import uuid4

import pytest

from channels.envelope import Account, Challenged, Checks, Connector, Health, HookCall, Hooked
from channels.errors import BadCredentialsError, MisconfiguredError, UnsignedCallError
from channels.whatsapp.account import secrets_bound_elsewhere
from channels.whatsapp.connector import WhatsAppConnector
from tests.channels.scene import Desk, surroundings
from tests.channels.whatsapp.scene import account, secrets_of
from tests.clock import ManualClock
from tests.simulators.meta import fault
from tests.simulators.whatsapp import ACCOUNT as BUSINESS
from tests.simulators.whatsapp import (
    HOOK,
    LOOK,
    NUMBER,
    SUBSCRIBED,
    TEMPLATES,
    VERIFY,
    WhatsAppServer,
)

GOOD = {"phone_number_id": NUMBER, "business_account_id": BUSINESS}


def plain(secrets: dict[str, str] | None = None, **settings: object) -> Account:
    return Account(
        id=uuid4(),
        kind="whatsapp_cloud",
        name="Shop",
        settings={**GOOD, **settings},
        secrets={**secrets_of(), **(secrets or {})},
    )


def test_it_is_a_connector_that_is_called_tried_first_and_can_be_tested() -> None:
    around = surroundings(Desk())
    connector: Connector = WhatsAppConnector(plain(), around)
    hooked: Hooked = WhatsAppConnector(plain(), around)
    challenged: Challenged = WhatsAppConnector(plain(), around)
    checked: Checks = WhatsAppConnector(plain(), around)

    assert connector.kind == "whatsapp_cloud"
    assert all(one is not None for one in (hooked, challenged, checked))


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (plain(phone_number_id="+380"), "phone_number_id"),
        (plain(business_account_id=""), "business_account_id"),
        (plain(per_second=0), "per_second"),
        (plain(api_url="http://graph.facebook.com"), "api_url"),
        (plain(media_hosts=["https://x"]), "media_hosts"),
        (plain(typo=1), "typo"),
        (plain({"app_secret": "short"}), "app_secret"),
        (plain({"access_token": "short"}), "access_token"),
        (plain({"verify_token": "short"}), "verify_token"),
    ],
    ids=[
        *("number", "business", "rate", "http", "host", "unknown"),
        *("secret", "token", "verify"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(bad: Account, words: str) -> None:
    with pytest.raises(MisconfiguredError, match=words):
        WhatsAppConnector(bad, surroundings(Desk(), allow_private_hosts=False))


def test_the_token_goes_only_to_the_server_it_was_saved_for() -> None:
    moved = secrets_bound_elsewhere({}, {"api_url": "https://evil.example"})

    assert moved == {"access_token": "api_url", "verify_token": "api_url"}
    assert secrets_bound_elsewhere({}, {"api_url": "https://graph.facebook.com/v26.0"}) == {}


@pytest.mark.parametrize(
    ("token", "answered"), [(VERIFY, True), ("guessed", False), ("", False), ("ї", False)]
)
async def test_a_trial_of_the_address_is_answered_only_to_who_knows_the_token(
    number: WhatsAppConnector, token: str, answered: bool
) -> None:
    query = f"hub.mode=subscribe&hub.verify_token={token}&hub.challenge=42"
    call = HookCall(headers={}, body=b"", query=query)

    if answered:
        assert number.challenged(call).body == b"42"
    else:
        with pytest.raises(UnsignedCallError):
            number.challenged(call)


async def test_the_connection_test_says_whose_number_it_is_and_whether_templates_may_be_read(
    number: WhatsAppConnector, server: WhatsAppServer
) -> None:
    good = await number.check()
    server.fail(TEMPLATES, status=403, answer=fault(200))
    refused = await number.check()

    names = ["whatsapp_account", "whatsapp_address", "whatsapp_templates"]
    assert [(one.name, one.ok) for one in good] == [(name, True) for name in names]
    assert "Shop, +380 44 111 22 33" in good[0].detail
    assert (refused[-1].ok, bool(refused[-1].cure)) == (False, True)


async def test_a_wrong_token_is_said_in_a_word(server: WhatsAppServer, stored: Desk) -> None:
    async with WhatsAppConnector(account(server, "x" * 40), surroundings(stored)) as number:
        (step,) = await number.check()
        with pytest.raises(BadCredentialsError):
            await number.listen(stored.deliver, stored.tell)

    assert not step.ok
    assert step.cure
    assert stored.told[-1][0] is Health.BAD_CREDENTIALS


async def test_the_webhook_is_set_once_and_looked_at_now_and_then(
    server: WhatsAppServer, stored: Desk, clock: ManualClock
) -> None:
    async with WhatsAppConnector(account(server), surroundings(stored, clock)) as number:
        server.hook = number._hook_url
        listening = asyncio.create_task(number.listen(stored.deliver, stored.tell))
        await clock.until_asleep()
        kept = list(server.asked)
        server.hook = ""
        server.fail(HOOK, status=200, answer={"success": True})
        clock.advance(seconds=300)
        await server.until_asked(HOOK)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)

    assert kept == [LOOK]
    assert server.asked == [LOOK, LOOK, SUBSCRIBED, HOOK]
    assert stored.told[1] == (Health.CONNECTED, "Shop, +380 44 111 22 33")
