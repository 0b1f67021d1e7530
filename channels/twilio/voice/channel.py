"""What the telephone by Twilio is among the channels."""

from typing import Any, Final

from channels.capabilities import Capabilities
from channels.channel import Channel, Surroundings
from channels.envelope import Account
from channels.twilio.voice.account import KIND, secrets_bound_elsewhere


def _make(account: Account, around: Surroundings) -> Any:
    from channels.twilio.voice.connector import VoiceConnector  # noqa: PLC0415 - when there is one

    return VoiceConnector(account, around)


CHANNEL: Final = Channel(
    kind=KIND,
    name="Telephone",
    can=Capabilities(
        text_chars=0, beside_files_chars=0, files=0, file_bytes=0, all_files_bytes=0, media=()
    ),
    make=_make,
    lasting=True,
    live=True,
    repeatable=False,
    speaks=True,
    capacity=1,
    bound_elsewhere=secrets_bound_elsewhere,
)
