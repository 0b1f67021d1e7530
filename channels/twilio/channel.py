"""What SMS and WhatsApp by Twilio are among the channels."""

from datetime import timedelta
from typing import Any, Final

from channels.capabilities import Capabilities, Counting
from channels.channel import Channel, Surroundings
from channels.envelope import Account
from channels.twilio.account import secrets_bound_elsewhere
from channels.twilio.kinds import SMS, WHATSAPP
from kernel.limits import (
    COURIER_AT_ONCE,
    TWILIO_FILE_BYTES,
    TWILIO_FILES,
    TWILIO_TEXT_CHARS,
    TWILIO_WHATSAPP_FILE_BYTES,
    TWILIO_WHATSAPP_FILES,
)


def _make(account: Account, around: Surroundings) -> Any:
    from channels.twilio.connector import TwilioConnector  # noqa: PLC0415 - when there is one

    return TwilioConnector(account, around)


SMS_CHANNEL: Final = Channel(
    kind=SMS,
    name="SMS",
    can=Capabilities(
        text_chars=TWILIO_TEXT_CHARS,
        beside_files_chars=TWILIO_TEXT_CHARS,
        files=TWILIO_FILES,
        file_bytes=TWILIO_FILE_BYTES,
        all_files_bytes=TWILIO_FILE_BYTES,
        media=("image/jpeg", "image/png", "image/gif"),
        counting=Counting.SEGMENTS,
        receipts=("delivered", "failed"),
    ),
    make=_make,
    lasting=True,
    live=False,
    repeatable=False,
    at_once=COURIER_AT_ONCE,
    shuts_out=True,
    opts_out=True,
    capacity=4,
    bound_elsewhere=secrets_bound_elsewhere,
)

WHATSAPP_CHANNEL: Final = Channel(
    kind=WHATSAPP,
    name="WhatsApp",
    can=Capabilities(
        text_chars=TWILIO_TEXT_CHARS,
        beside_files_chars=TWILIO_TEXT_CHARS,
        files=TWILIO_WHATSAPP_FILES,
        file_bytes=TWILIO_WHATSAPP_FILE_BYTES,
        all_files_bytes=TWILIO_WHATSAPP_FILE_BYTES,
        media=(
            *("image/jpeg", "image/png", "audio/*", "video/mp4", "application/pdf", "text/plain"),
            "application/vnd.openxmlformats-officedocument.*",
        ),
        receipts=("delivered", "read", "failed"),
        reply_window=timedelta(hours=24),
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
