"""The words and files of a Telegram message, as an agent shall see them; no I/O, no clock."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from channels.hooked.words import card, place
from channels.telegram.shown import html_of
from channels.telegram.updates import Entity, Media, Message

QUOTED_CHARS: Final = 1_000
_PHOTO: Final = "photo.jpg"


class Wanted(Struct, frozen=True, kw_only=True):
    """A file that a message brings: Telegram keeps it, we fetch it by its id, the key."""

    key: str
    name: str
    size: int


def wanted_files(message: Message) -> list[Wanted]:
    """Return what is to be fetched: of a photo its largest size, of stickers only still ones."""
    found: list[Wanted] = []
    if message.photo:
        largest = max(message.photo, key=lambda one: one.file_size)
        found.append(_wanted(largest, _PHOTO))
    # An animation comes twice, as itself and, for old programs, as a document.
    document = message.document if message.animation is None else None
    for media, usual in (
        (message.animation, "animation.mp4"),
        (document, "file"),
        (message.video, "video.mp4"),
        (message.video_note, "video.mp4"),
        (message.voice, "voice.ogg"),
        (message.audio, "audio.mp3"),
    ):
        if media is not None:
            found.append(_wanted(media, usual))
    sticker = message.sticker
    if sticker is not None and not (sticker.is_animated or sticker.is_video):
        found.append(_wanted(sticker, "sticker.webp"))
    return found


def words_of(message: Message) -> str:
    """Return the text: what was written, and what else says something in words."""
    parts = [
        _linked(message.text, message.entities),
        _linked(message.caption, message.caption_entities),
        message.sticker.emoji if message.sticker else "",
        _place(message),
        _card(message),
    ]
    return "\n".join(part for part in parts if part)


def html_in(message: Message) -> str | None:
    """Return what was written as it was formatted; None when it was not, or more was sent."""
    if message.text:
        return html_of(message.text, message.entities)
    if message.location or message.venue or message.contact or message.sticker:
        return None
    return html_of(message.caption, message.caption_entities)


def quoted_in(message: Message) -> str:
    """Return what the message answers, cut to a few lines."""
    if message.quote is not None:
        return message.quote.text[:QUOTED_CHARS]
    replied = message.reply_to_message
    return (replied.text or replied.caption)[:QUOTED_CHARS] if replied else ""


def _wanted(media: Media, usual: str) -> Wanted:
    return Wanted(key=media.file_id, name=media.file_name or usual, size=media.file_size)


def _linked(text: str, entities: Sequence[Entity]) -> str:
    """Write out where a word leads; only addresses of the web are shown, none is followed."""
    links = [
        one
        for one in entities
        if one.type == "text_link" and one.url.lower().startswith(("https://", "http://"))
    ]
    if not links:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    for one in sorted(links, key=lambda link: link.offset, reverse=True):
        end = 2 * (one.offset + one.length)
        if one.offset >= 0 and 0 < end <= len(units):
            units = units[:end] + f" ({one.url})".encode("utf-16-le", "replace") + units[end:]
    return units.decode("utf-16-le", "replace")


def _place(message: Message) -> str:
    venue = message.venue
    if venue is not None:
        at = venue.location
        return place(at.latitude, at.longitude, venue.title, venue.address)
    here = message.location
    return place(here.latitude, here.longitude) if here else ""


def _card(message: Message) -> str:
    one = message.contact
    return card(f"{one.first_name} {one.last_name}", one.phone_number) if one else ""
