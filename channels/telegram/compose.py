"""An answer as requests of the Bot API: one, unless its text is too long for that; no I/O."""

from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from channels.capabilities import length
from channels.envelope import Outbound, OutboundFile
from channels.errors import MessageRejectedError
from channels.telegram.markup import Rich, rich_of
from channels.telegram.parts import parts_of
from channels.telegram.updates import Entity
from kernel.limits import (
    TELEGRAM_CAPTION_CHARS,
    TELEGRAM_FILES,
    TELEGRAM_LONG_CHARS,
    TELEGRAM_PHOTO_BYTES,
    TELEGRAM_TEXT_CHARS,
)

_PHOTOS: Final = frozenset({"image/jpeg", "image/png"})


class Way(StrEnum):
    """How files are shown: pictures as pictures, everything else as documents."""

    TEXT = "text"
    PHOTOS = "photos"
    DOCUMENTS = "documents"


class Parcel(Struct, frozen=True, kw_only=True):
    chat_id: int
    way: Way
    text: str
    spans: tuple[Entity, ...] = ()
    files: tuple[OutboundFile, ...] = ()
    choices: tuple[str, ...] = ()
    """Buttons under the text that vanish with a press, which says their words."""


def compose(message: Outbound) -> list[Parcel]:
    """Return its requests, of which a long text needs several; raises MessageRejectedError for
    what Telegram never takes."""
    most = TELEGRAM_CAPTION_CHARS if message.files else TELEGRAM_LONG_CHARS
    said = _said(message, most)
    if length(said.text) > most:
        raise MessageRejectedError(f"a text of more than {most:,} characters; send it in parts")
    if len(message.files) > TELEGRAM_FILES:
        raise MessageRejectedError(f"more than {TELEGRAM_FILES} files; send them in parts")
    if not said.text and not message.files:
        raise MessageRejectedError("there is nothing to send")
    *others, last = parts_of(said, TELEGRAM_TEXT_CHARS) if said.text else [said]
    base = Parcel(chat_id=_chat(message.recipient.handle), way=_way(message.files), text="")
    return [
        *(replace(base, text=one.text, spans=one.spans) for one in others),
        replace(
            base, text=last.text, spans=last.spans, files=message.files, choices=message.choices
        ),
    ]


def _said(message: Outbound, most: int) -> Rich:
    """Return it as it was formatted, or plain where only that is not too long."""
    plain = Rich(message.text.strip())
    rich = rich_of(message.html) if message.html and message.template is None else plain
    fits = length(rich.text) <= most or length(plain.text) > most
    return rich if rich.text and fits else plain


def _way(files: tuple[OutboundFile, ...]) -> Way:
    if not files:
        return Way.TEXT
    pictures = all(
        one.media_type in _PHOTOS and len(one.data) <= TELEGRAM_PHOTO_BYTES for one in files
    )
    return Way.PHOTOS if pictures else Way.DOCUMENTS


def _chat(handle: str) -> int:
    """A private chat has the number of its user."""
    if not handle.isascii() or not handle.isdecimal():
        raise MessageRejectedError("this client has no Telegram number; answer on another channel")
    return int(handle)
