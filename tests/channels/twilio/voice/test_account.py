"""What is set for a telephone number is checked in words before anything is connected."""

from typing import Any
from uuid import UUID

import pytest

from channels.envelope import Account
from channels.errors import MisconfiguredError
from channels.twilio.voice.account import read_settings
from channels.twilio.voice.connector import VoiceConnector
from tests.channels.twilio.scene import NumberDesk, surroundings
from tests.simulators.twilio_gate import ACCOUNT, NUMBER, TOKEN
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
