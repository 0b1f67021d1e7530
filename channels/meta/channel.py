"""What Messenger and Instagram are among the channels."""

from datetime import timedelta
from typing import Any, Final

from channels.capabilities import Capabilities
from channels.channel import Channel, Surroundings
from channels.envelope import Account
from channels.meta.account import secrets_bound_elsewhere
from channels.meta.compose import INSTAGRAM_MEDIA
from channels.meta.kinds import INSTAGRAM, MESSENGER
from kernel.limits import (
    COURIER_AT_ONCE,
    INSTAGRAM_TEXT_BYTES,
    META_CHOICE_CHARS,
    META_FILE_BYTES,
    META_REPLY_DAYS,
    META_TEXT_CHARS,
    QUICK_CHOICES,
)


def _make_messenger(account: Account, around: Surroundings) -> Any:
    from channels.meta.connector import MessengerConnector  # noqa: PLC0415 - when there is one

    return MessengerConnector(account, around)


def _make_instagram(account: Account, around: Surroundings) -> Any:
    from channels.meta.connector import InstagramConnector  # noqa: PLC0415 - when there is one

    return InstagramConnector(account, around)


MESSENGER_CHANNEL: Final = Channel(
    kind=MESSENGER,
    name="Messenger",
    can=Capabilities(
        text_chars=META_TEXT_CHARS,
        beside_files_chars=0,
        files=1,
        file_bytes=META_FILE_BYTES,
        all_files_bytes=META_FILE_BYTES,
        choices=QUICK_CHOICES,
        choice_chars=META_CHOICE_CHARS,
        typing=True,
        receipts=("delivered", "read"),
        reply_window=timedelta(days=META_REPLY_DAYS),
    ),
    make=_make_messenger,
    lasting=True,
    live=False,
    repeatable=False,
    at_once=COURIER_AT_ONCE,
    answers_only=True,
    shuts_out=True,
    capacity=3,
    bound_elsewhere=secrets_bound_elsewhere,
)

INSTAGRAM_CHANNEL: Final = Channel(
    kind=INSTAGRAM,
    name="Instagram",
    can=Capabilities(
        text_chars=INSTAGRAM_TEXT_BYTES,
        text_bytes=INSTAGRAM_TEXT_BYTES,
        beside_files_chars=0,
        files=1,
        file_bytes=META_FILE_BYTES,
        all_files_bytes=META_FILE_BYTES,
        media=INSTAGRAM_MEDIA,
        choices=QUICK_CHOICES,
        choice_chars=META_CHOICE_CHARS,
        typing=True,
        receipts=("read",),
        reply_window=timedelta(days=META_REPLY_DAYS),
    ),
    make=_make_instagram,
    lasting=True,
    live=False,
    repeatable=False,
    at_once=COURIER_AT_ONCE,
    answers_only=True,
    shuts_out=True,
    capacity=3,
    bound_elsewhere=secrets_bound_elsewhere,
)
