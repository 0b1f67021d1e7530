"""What Viber is among the channels."""

from typing import Any, Final

from channels.capabilities import Capabilities
from channels.channel import Channel, Surroundings
from channels.envelope import Account
from channels.viber.account import KIND, secrets_bound_elsewhere
from kernel.limits import (
    CHOICE_CHARS,
    COURIER_AT_ONCE,
    QUICK_CHOICES,
    VIBER_FILE_BYTES,
    VIBER_TEXT_CHARS,
)


def _make(account: Account, around: Surroundings) -> Any:
    from channels.viber.connector import ViberConnector  # noqa: PLC0415 - when there is one

    return ViberConnector(account, around)


CHANNEL: Final = Channel(
    kind=KIND,
    name="Viber",
    can=Capabilities(
        text_chars=VIBER_TEXT_CHARS,
        beside_files_chars=0,
        files=1,
        file_bytes=VIBER_FILE_BYTES,
        all_files_bytes=VIBER_FILE_BYTES,
        choices=QUICK_CHOICES,
        choice_chars=CHOICE_CHARS,
        receipts=("delivered", "read", "failed"),
    ),
    make=_make,
    lasting=True,
    live=False,
    repeatable=False,
    at_once=COURIER_AT_ONCE,
    answers_only=True,
    shuts_out=True,
    capacity=3,
    bound_elsewhere=secrets_bound_elsewhere,
)
