"""A page's settings, the trial of its address, its connection test and its subscription."""

import asyncio
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from channels.envelope import Account, Challenged, Checks, Connector, Health, HookCall, Hooked
from channels.errors import BadCredentialsError, MisconfiguredError, UnsignedCallError
from channels.meta.account import secrets_bound_elsewhere
from channels.meta.connector import MessengerConnector, MetaConnector
from tests.channels.meta.scene import account, made
from tests.channels.scene import Desk, surroundings
from tests.clock import ManualClock
from tests.simulators.meta import APP_SECRET, PAGE, TOKEN, VERIFY, MetaServer

GOOD = {"app_secret": APP_SECRET, "page_token": TOKEN, "verify_token": VERIFY}


def plain(secrets: dict[str, str] | None = None, **settings: object) -> Account:
    return Account(
        id=uuid4(),
        kind="messenger",
        name="Shop",
        settings={"page_id": PAGE, **settings},
        secrets={**GOOD, **(secrets or {})},
    )


def test_it_is_a_connector_that_is_called_tried_first_and_can_be_tested() -> None:
    around = surroundings(Desk())
    connector: Connector = MessengerConnector(plain(), around)
    hooked: Hooked = MessengerConnector(plain(), around)
    challenged: Challenged = MessengerConnector(plain(), around)
    checked: Checks = MessengerConnector(plain(), around)

    found = {one.__class__ for one in (connector, hooked, challenged, checked)}
    assert found == {MessengerConnector}


@pytest.mark.parametrize(
    ("made_of", "words"),
    [
        (plain({"app_secret": ""}), "app_secret"),
        (plain({"app_secret": "g" * 32}), "app_secret"),
        (plain({"page_token": "short"}), "page_token"),
        (plain({"verify_token": "guess me"}), "verify_token"),
        (plain(page_id="shop"), "page_id"),
        (plain(unknown=1), "unknown"),
        (plain(api_url="http://graph.facebook.com"), "use https"),
    ],
    ids=["no secret", "no hex", "token", "verify", "page", "unknown", "plain"],
)
def test_what_cannot_work_is_refused_with_the_field(made_of: Account, words: str) -> None:
    with pytest.raises(MisconfiguredError, match=words):
        MessengerConnector(made_of, surroundings(Desk(), allow_private_hosts=False))


def test_a_saved_token_is_asked_for_anew_when_the_server_changes() -> None:
    moved = secrets_bound_elsewhere({}, {"api_url": "https://evil.example"})

    assert moved == {"page_token": "api_url"}
    assert secrets_bound_elsewhere({}, {"api_url": "https://graph.facebook.com/v26.0"}) == {}


def asking(**changes: str) -> HookCall:
    asked = {"mode": "subscribe", "verify_token": VERIFY, "challenge": "1158201444", **changes}
    query = urlencode({f"hub.{name}": value for name, value in asked.items()})
    return HookCall(headers={}, body=b"", query=query)


async def test_the_trial_of_the_address_is_answered_in_plain_digits(page: MetaConnector) -> None:
    answer = page.challenged(asking())

    assert (answer.body, answer.content_type) == (b"1158201444", "text/plain")


@pytest.mark.parametrize(
    "call",
    [
        HookCall(headers={}, body=b""),
        asking(mode="unsubscribe"),
        asking(verify_token="guessed"),
        asking(verify_token=""),
        asking(verify_token="ї"),
        asking(challenge="<script>"),
        asking(challenge="1" * 41),
        asking(challenge=""),
    ],
    ids=["nothing", "mode", "token", "no token", "letters", "script", "endless", "no challenge"],
)
async def test_a_trial_that_is_not_metas_is_refused(page: MetaConnector, call: HookCall) -> None:
    with pytest.raises(UnsignedCallError):
        page.challenged(call)


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_the_connection_test_says_whose_page_it_is(
    page: MetaConnector, stored: Desk, clock: ManualClock, kind: str
) -> None:
    good = await page.check()
    page._around = surroundings(stored, clock, allow_private_hosts=False)
    private = await page.check()

    assert [(one.name, one.ok) for one in good] == [
        (f"{kind}_account", True),
        (f"{kind}_address", True),
    ]
    assert good[0].detail == "Shop"
    assert [one.ok for one in private] == [True, False]


async def test_a_wrong_token_is_said_in_a_word(server: MetaServer, stored: Desk) -> None:
    async with MessengerConnector(account(server, "x" * 40), surroundings(stored)) as page:
        (step,) = await page.check()
        with pytest.raises(BadCredentialsError):
            await page.listen(stored.deliver, stored.tell)

    assert not step.ok
    assert step.cure
    assert stored.told[-1][0] is Health.BAD_CREDENTIALS


@pytest.mark.parametrize(
    ("kind", "field"), [("messenger", "message_reads"), ("instagram", "messaging_seen")]
)
async def test_the_page_is_made_to_tell_this_app(
    server: MetaServer, stored: Desk, clock: ManualClock, kind: str, field: str
) -> None:
    async with made(server, stored, clock, kind=kind) as page:
        listening = asyncio.create_task(page.listen(stored.deliver, stored.tell))
        await clock.until_asleep()
        listening.cancel()
        (ended,) = await asyncio.gather(listening, return_exceptions=True)

    assert field in server.fields
    assert stored.told[-1] == (Health.CONNECTED, "Shop")
    assert isinstance(ended, asyncio.CancelledError)
