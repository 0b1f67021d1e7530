"""What web chat is among the channels."""

from typing import Any, Final

from channels.capabilities import Capabilities, Formatting
from channels.channel import Channel, Surroundings
from channels.envelope import Account
from channels.webchat.account import KIND
from channels.webchat.connector import WebChatConnector
from kernel.limits import TEXT_CHARS, UPLOAD_BYTES, UPLOADS_PER_MESSAGE


def _make(account: Account, _around: Surroundings) -> Any:
    return WebChatConnector(account)


def _reaches(handle: str, public_key: str) -> bool:
    """A visitor of one widget is not reached through another."""
    return handle.startswith(f"{public_key}:")


CHANNEL: Final = Channel(
    kind=KIND,
    name="web chat",
    can=Capabilities(
        text_chars=TEXT_CHARS,
        beside_files_chars=TEXT_CHARS,
        files=UPLOADS_PER_MESSAGE,
        file_bytes=UPLOAD_BYTES,
        all_files_bytes=UPLOADS_PER_MESSAGE * UPLOAD_BYTES,
        formatting=Formatting.RICH,
        receipts=("delivered", "read"),
        typing=True,
    ),
    make=_make,
    lasting=True,
    live=True,
    repeatable=True,
    reaches=_reaches,
)
