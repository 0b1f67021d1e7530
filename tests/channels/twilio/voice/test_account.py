"""What is set for a telephone number is checked in words before anything is connected."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from channels.envelope import Account
from channels.errors import MisconfiguredError
from channels.twilio.voice.account import read_settings, secrets_bound_elsewhere
from channels.twilio.voice.connector import VoiceConnector
from tests.channels.twilio.scene import NumberDesk, surroundings
from tests.simulators.twilio_gate import ACCOUNT, API_KEY, API_SECRET, NUMBER, TOKEN
from tests.simulators.twilio_voice import VoiceSimulator, running_voice

GOOD: dict[str, Any] = {"account_sid": ACCOUNT, "number": NUMBER}


def account(sim: VoiceSimulator, token: str = TOKEN, **settings: Any) -> Account:
    return Account(
        id=UUID(int=7),
        kind="voice",
        name="Hotline",
        settings={**GOOD, "api_url": sim.url, **settings},
        secrets={"auth_token": token},
        public_key="key",
    )


def test_a_number_may_call_its_own_country_unless_others_are_named() -> None:
    assert read_settings(GOOD).callable == {"US"}
    assert read_settings({**GOOD, "countries": ["UA", "PL"]}).callable == {"UA", "PL"}
    assert read_settings({**GOOD, "number": "+380 44 123-45-67"}).number == "+380441234567"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"account_sid": "x"}, "account_sid"),
        ({"number": "12345"}, "number"),
        ({"languages": []}, "languages"),
        ({"languages": ["en", "en"]}, "each language once"),
        ({"languages": ["xx"]}, "languages"),
        ({"countries": ["ZZ"]}, "no country"),
        ({"fallback_url": "http://x.example"}, "fallback_url"),
        ({"api_url": "http://x.example"}, "https"),
        ({"ring_seconds": 1}, "ring_seconds"),
        ({"unknown": 1}, "unknown"),
        ({"api_key_sid": ACCOUNT}, "begins with SK"),
        ({"signalling_url": "ws://voice.example"}, "wss"),
        ({"signalling_url": "wss://voice.example/path"}, "without a path"),
    ],
)
def test_what_cannot_work_is_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(MisconfiguredError, match=words):
        read_settings({**GOOD, **changes})


async def test_the_connection_test_says_whose_number_it_is() -> None:
    async with running_voice() as sim:
        async with VoiceConnector(account(sim), surroundings(NumberDesk())) as good:
            steps = await good.check()
        async with VoiceConnector(account(sim, "f" * 32), surroundings(NumberDesk())) as wrong:
            (refused,) = await wrong.check()
        other = account(sim, number="+15005550999")
        async with VoiceConnector(other, surroundings(NumberDesk())) as foreign:
            found = await foreign.check()

    assert [(one.name, one.ok) for one in steps] == [
        ("twilio_account", True),
        ("twilio_number", True),
        ("twilio_address", True),
    ]
    assert (refused.ok, bool(refused.cure)) == (False, True)
    assert [one.ok for one in found if one.name == "twilio_number"] == [False]


async def test_a_key_for_browsers_is_whole_or_absent_and_tested() -> None:
    async with running_voice() as sim:
        whole = with_key(sim, API_KEY, API_SECRET)
        async with VoiceConnector(whole, surroundings(NumberDesk())) as good:
            steps = await good.check()
        foreign = with_key(sim, API_KEY, "f" * 32)
        async with VoiceConnector(foreign, surroundings(NumberDesk())) as wrong:
            found = await wrong.check()
        for other in (account(sim), with_key(sim, "", API_SECRET)):
            assert VoiceConnector(other, surroundings(NumberDesk())).signalling == ""
        for secret, words in (("", "api_key_secret"), ("short", "copy it whole")):
            with pytest.raises(MisconfiguredError, match=words):
                VoiceConnector(with_key(sim, API_KEY, secret), surroundings(NumberDesk()))

    assert good.signalling == "wss://voice-js.roaming.twilio.com"
    assert [one.ok for one in steps if one.name == "twilio_browsers"] == [True]
    (step,) = [one for one in found if one.name == "twilio_browsers"]
    assert (step.ok, "API key" in step.cure, API_SECRET in str(found)) == (False, True, False)


def with_key(sim: VoiceSimulator, sid: str, secret: str) -> Account:
    plain = account(sim, api_key_sid=sid)
    return replace(plain, secrets={**plain.secrets, "api_key_secret": secret})


def test_a_secret_is_entered_anew_before_it_serves_another_place() -> None:
    elsewhere = {**GOOD, "signalling_url": "wss://voice.example"}
    assert secrets_bound_elsewhere(GOOD, GOOD) == {}
    assert secrets_bound_elsewhere(GOOD, elsewhere) == {"api_key_secret": "signalling_url"}
    other = {**GOOD, "account_sid": "AC" + "9" * 32}
    assert secrets_bound_elsewhere(GOOD, other) == {
        "auth_token": "account_sid",
        "api_key_secret": "account_sid",
    }
