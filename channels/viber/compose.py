"""An answer as one request of Viber's, so that it arrives whole or not at all; no I/O."""

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from channels.capabilities import length
from channels.envelope import Outbound, OutboundFile
from channels.errors import MessageRejectedError
from kernel.limits import (
    VIBER_FILE_BYTES,
    VIBER_FILE_NAME_CHARS,
    VIBER_PICTURE_BYTES,
    VIBER_TEXT_CHARS,
)

_PICTURES: Final = {"image/jpeg": "jpeg", "image/png": "png"}
_ENCODER: Final = msgspec.json.Encoder()


class Button(Struct, frozen=True, rename="pascal", kw_only=True):
    """A press says these words."""

    text: str
    action_body: str
    action_type: str = "reply"
    columns: int = 6
    rows: int = 1


class Keyboard(Struct, frozen=True, rename="pascal", kw_only=True):
    buttons: tuple[Button, ...]
    type: str = "keyboard"


class Sender(Struct, frozen=True):
    name: str


class Parcel(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of `send_message`."""

    receiver: str
    type: str
    sender: Sender
    text: str | None = None
    media: str = ""
    size: int = 0
    file_name: str = ""
    keyboard: Keyboard | None = None


def body_of(message: Outbound, sender: str, lend: Callable[[OutboundFile], str]) -> bytes:
    """Return the body; raises MessageRejectedError for what Viber never takes.

    Viber fetches a file itself: `lend` gives it an address for a while.
    """
    text = message.text.strip()
    if length(text) > VIBER_TEXT_CHARS:
        raise MessageRejectedError(
            f"a text of more than {VIBER_TEXT_CHARS:,} characters; send it in parts"
        )
    if not text and not message.files:
        raise MessageRejectedError("there is nothing to send")
    if len(message.files) > 1 or (text and message.files):
        raise MessageRejectedError("Viber takes a text or one file; send them one after the other")
    keys = tuple(Button(text=one, action_body=one) for one in message.choices)
    base = Parcel(receiver=message.recipient.handle, type="text", sender=Sender(sender), text=text)
    if keys:
        base = replace(base, keyboard=Keyboard(buttons=keys))
    return _ENCODER.encode(_with_file(message.files[0], lend, base) if message.files else base)


def _with_file(file: OutboundFile, lend: Callable[[OutboundFile], str], base: Parcel) -> Parcel:
    size = len(file.data)
    if size > VIBER_FILE_BYTES:
        raise MessageRejectedError("Viber does not take a file so large; send a link to it")
    ending = _PICTURES.get(file.media_type)
    if ending is not None and size <= VIBER_PICTURE_BYTES:
        # Viber tells pictures by the ending of their address.
        return replace(base, type="picture", media=f"{lend(file)}/picture.{ending}")
    name = file.name[:VIBER_FILE_NAME_CHARS]
    return replace(base, type="file", text=None, media=lend(file), size=size, file_name=name)
