"""An answer as one request of Twilio's; no I/O."""

import re
from typing import Final

import msgspec
from msgspec import Struct

from channels.capabilities import length
from channels.envelope import Outbound, OutboundFile
from channels.errors import MessageRejectedError
from channels.twilio.kinds import WHATSAPP, Kind
from channels.twilio.segments import segments_of
from kernel.limits import TWILIO_FILES, TWILIO_TEXT_CHARS, TWILIO_WHATSAPP_FILES

_RECIPIENT: Final = re.compile(r"\+?[0-9]{3,15}")
_WHATSAPP_USER: Final = re.compile(r"\+[0-9]{6,15}|[A-Z]{2}\.[A-Za-z0-9.]{1,140}")


class Parcel(Struct, frozen=True, kw_only=True):
    to: str
    sender: str
    service: str
    text: str
    files: tuple[OutboundFile, ...] = ()
    content_sid: str = ""
    """A template, sent instead of the text, which only says how it reads."""
    content_variables: str = ""
    cost: int = 1
    """What it takes of the number's rate."""


def address_of(kind: Kind, handle: str) -> str:
    """Return what Twilio calls somebody on this channel."""
    return f"whatsapp:{handle}" if kind == WHATSAPP else handle


def compose(kind: Kind, number: str, service: str, message: Outbound) -> Parcel:
    """Return the one request; raises MessageRejectedError for what Twilio never takes."""
    text = message.text.strip()
    use = message.template
    if use is None and length(text) > TWILIO_TEXT_CHARS:
        raise MessageRejectedError(
            f"a text of more than {TWILIO_TEXT_CHARS:,} characters; send it in parts"
        )
    most = TWILIO_WHATSAPP_FILES if kind == WHATSAPP else TWILIO_FILES
    if len(message.files) > most:
        raise MessageRejectedError(f"more files than the {most} of one message; send them in parts")
    if not text and not message.files:
        raise MessageRejectedError("there is nothing to send")
    handle = message.recipient.handle.strip()
    known = _WHATSAPP_USER if kind == WHATSAPP else _RECIPIENT
    if known.fullmatch(handle) is None:
        raise MessageRejectedError("this client has no number here; answer on another channel")
    return Parcel(
        to=address_of(kind, handle),
        sender=address_of(kind, number),
        service=service,
        text=text,
        files=message.files,
        content_sid=use.external_id if use else "",
        content_variables=msgspec.json.encode(use.values).decode() if use and use.values else "",
        cost=1 if kind == WHATSAPP or message.files else max(1, segments_of(text).count),
    )
