"""What a system of one's own is among the channels."""

from typing import Any, Final

from channels.capabilities import Capabilities
from channels.channel import Channel, Surroundings
from channels.custom.account import KIND
from channels.custom.parse import client_of
from channels.envelope import Account
from kernel.limits import (
    COURIER_AT_ONCE,
    CUSTOM_ALL_FILES_BYTES,
    CUSTOM_FILE_BYTES,
    CUSTOM_FILES,
    CUSTOM_TEXT_CHARS,
)


def _make(account: Account, around: Surroundings) -> Any:
    from channels.custom.connector import CustomConnector  # noqa: PLC0415 - when there is one

    return CustomConnector(account, around)


def _reaches(handle: str, public_key: str) -> bool:
    """A client of one system is not reached through another."""
    return client_of(public_key, handle) is not None


CHANNEL: Final = Channel(
    kind=KIND,
    name="the custom channel",
    can=Capabilities(
        text_chars=CUSTOM_TEXT_CHARS,
        beside_files_chars=CUSTOM_TEXT_CHARS,
        files=CUSTOM_FILES,
        file_bytes=CUSTOM_FILE_BYTES,
        all_files_bytes=CUSTOM_ALL_FILES_BYTES,
        replies=True,
        receipts=("delivered", "read", "failed"),
    ),
    make=_make,
    lasting=True,
    live=False,
    repeatable=True,
    at_once=COURIER_AT_ONCE,
    shuts_out=True,
    capacity=3,
    reaches=_reaches,
)
