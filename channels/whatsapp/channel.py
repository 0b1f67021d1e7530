"""What WhatsApp by Meta's Cloud API is among the channels."""

from typing import Any, Final

from channels.capabilities import Capabilities
from channels.channel import Channel, Surroundings
from channels.envelope import Account
from channels.whatsapp.account import KIND, secrets_bound_elsewhere
from channels.whatsapp.compose import DOCUMENTS, FILMS, PICTURES, SOUNDS
from kernel.limits import (
    COURIER_AT_ONCE,
    WHATSAPP_BUTTONS_TEXT_CHARS,
    WHATSAPP_CAPTION_CHARS,
    WHATSAPP_FILE_BYTES,
    WHATSAPP_ROW_CHARS,
    WHATSAPP_ROWS,
    WHATSAPP_TEXT_CHARS,
    WHATSAPP_WINDOW,
)


def _make(account: Account, around: Surroundings) -> Any:
    from channels.whatsapp.connector import WhatsAppConnector  # noqa: PLC0415 - when there is one

    return WhatsAppConnector(account, around)


CHANNEL: Final = Channel(
    kind=KIND,
    name="WhatsApp",
    known_as="whatsapp",
    can=Capabilities(
        text_chars=WHATSAPP_TEXT_CHARS,
        beside_files_chars=WHATSAPP_CAPTION_CHARS,
        files=1,
        file_bytes=WHATSAPP_FILE_BYTES,
        all_files_bytes=WHATSAPP_FILE_BYTES,
        media=(*PICTURES, *SOUNDS, *FILMS, *DOCUMENTS),
        choices=WHATSAPP_ROWS,
        choice_chars=WHATSAPP_ROW_CHARS,
        typing=True,
        choices_text_chars=WHATSAPP_BUTTONS_TEXT_CHARS,
        receipts=("delivered", "read", "failed"),
        reply_window=WHATSAPP_WINDOW,
        templates=True,
    ),
    make=_make,
    lasting=True,
    live=False,
    repeatable=False,
    at_once=COURIER_AT_ONCE,
    answers_only=True,
    shuts_out=True,
    opts_out=True,
    capacity=3,
    bound_elsewhere=secrets_bound_elsewhere,
)
