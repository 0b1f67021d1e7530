"""What the provider of calls answers is told apart, and no secret stands in what is said of it."""

from typing import Any
from uuid import UUID

import pytest

from channels.errors import (
    BadCredentialsError,
    MisconfiguredError,
    OutcomeUnknownError,
    ProviderUnavailableError,
)
from channels.twilio.voice.connector import VoiceConnector
from channels.voice.legs import Dialling
from tests.channels.twilio.scene import NumberDesk, surroundings
from tests.channels.twilio.voice.test_account import account
from tests.simulators.twilio_gate import TOKEN
from tests.simulators.twilio_voice import running_voice

NOWHERE = "http://127.0.0.1:1025"
WANTED = Dialling(
    room="room",
    label="leg",
    to="+15005550111",
    shown="+15005550006",
    seconds=20,
    ends_it=True,
    call_id=UUID(int=1),
    leg_id=UUID(int=2),
)


async def test_nobody_there_means_that_nobody_was_called() -> None:
    async with running_voice() as sim:
        gone = account(sim, api_url=NOWHERE)
        async with VoiceConnector(gone, surroundings(NumberDesk())) as number:
            with pytest.raises(ProviderUnavailableError):
                await number.dial(WANTED)
            with pytest.raises(ProviderUnavailableError):
                await number.move("CA" + "a" * 32, [])
            (step, *_) = await number.check()

    assert (step.ok, bool(step.cure)) == (False, True)


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        ({"status": 401, "code": 20003, "words": "Authenticate"}, BadCredentialsError),
        ({"status": 503, "code": 20503, "words": "Unavailable"}, ProviderUnavailableError),
        ({"status": 400, "code": 21606, "words": "no such number"}, MisconfiguredError),
        ({"cut": "after"}, OutcomeUnknownError),
    ],
    ids=["token", "broken", "number", "lost"],
)
async def test_no_secret_stands_in_what_is_said_of_a_failure(
    trouble: dict[str, Any], error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    async with running_voice() as sim:
        async with VoiceConnector(account(sim), surroundings(NumberDesk())) as number:
            sim.fail("participant", **trouble)
            with pytest.raises(error) as failed:
                await number.dial(WANTED)
            shown = f"{failed.value!r}{failed.value}{number!r}{account(sim)!r}{caplog.text}"
        async with VoiceConnector(account(sim, "f" * 32), surroundings(NumberDesk())) as wrong:
            said = repr(await wrong.check())

    assert TOKEN not in shown + said
    assert "f" * 32 not in said
