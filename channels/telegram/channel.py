"""What Telegram is among the channels."""

from typing import Any, Final

from channels.capabilities import Capabilities, Formatting
from channels.channel import Channel, Surroundings
from channels.envelope import Account
from channels.telegram.account import KIND, secrets_bound_elsewhere
from kernel.limits import (
    CHOICE_CHARS,
    COURIER_AT_ONCE,
    QUICK_CHOICES,
    TELEGRAM_CAPTION_CHARS,
    TELEGRAM_FILES,
    TELEGRAM_LONG_CHARS,
    TELEGRAM_UPLOAD_BYTES,
)


def _make(account: Account, around: Surroundings) -> Any:
    from channels.telegram.connector import TelegramConnector  # noqa: PLC0415 - when there is one

    return TelegramConnector(account, around)


CHANNEL: Final = Channel(
    kind=KIND,
    name="Telegram",
    can=Capabilities(
        text_chars=TELEGRAM_LONG_CHARS,
        beside_files_chars=TELEGRAM_CAPTION_CHARS,
        files=TELEGRAM_FILES,
        file_bytes=TELEGRAM_UPLOAD_BYTES,
        all_files_bytes=TELEGRAM_UPLOAD_BYTES,
        formatting=Formatting.RICH,
        edits=True,
        choices=QUICK_CHOICES,
        choice_chars=CHOICE_CHARS,
        receipts=("failed",),
        typing=True,
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
