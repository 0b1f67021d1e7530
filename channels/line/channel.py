"""What LINE is among the channels."""

from typing import Any, Final

from channels.capabilities import Capabilities
from channels.channel import Channel, Surroundings
from channels.envelope import Account
from channels.line.account import KIND, secrets_bound_elsewhere
from channels.line.compose import PICTURES
from kernel.limits import (
    COURIER_AT_ONCE,
    LINE_CHOICE_CHARS,
    LINE_PICTURE_BYTES,
    LINE_PICTURES,
    LINE_TEXT_CHARS,
    QUICK_CHOICES,
)


def _make(account: Account, around: Surroundings) -> Any:
    from channels.line.connector import LineConnector  # noqa: PLC0415 - when there is one

    return LineConnector(account, around)


CHANNEL: Final = Channel(
    kind=KIND,
    name="LINE",
    can=Capabilities(
        text_chars=LINE_TEXT_CHARS,
        beside_files_chars=LINE_TEXT_CHARS,
        files=LINE_PICTURES,
        file_bytes=LINE_PICTURE_BYTES,
        all_files_bytes=LINE_PICTURES * LINE_PICTURE_BYTES,
        media=PICTURES,
        choices=QUICK_CHOICES,
        choice_chars=LINE_CHOICE_CHARS,
        typing=True,
    ),
    make=_make,
    lasting=True,
    live=False,
    repeatable=True,
    at_once=COURIER_AT_ONCE,
    answers_only=True,
    shuts_out=True,
    capacity=3,
    bound_elsewhere=secrets_bound_elsewhere,
)
