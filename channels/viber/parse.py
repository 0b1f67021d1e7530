"""What Viber's calls tell, and the envelopes they mean; no I/O, no clock, no log."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec import Struct

from channels.envelope import Envelope, Inbound, Party, Reach, Report, Status
from channels.errors import UnreadableDeliveryError
from channels.files import Fetched, inbound_files, with_missing
from channels.hooked.packing import Event, Wanted, unread
from channels.hooked.words import card, place, unsupported

UNSUBSCRIBED: Final = "the client has unsubscribed from the bot; only they can subscribe again"
_SILENT: Final = frozenset({"webhook", "conversation_started"})
"""Viber tries our address; somebody has opened the chat and said nothing yet."""
_STATUS_OF: Final = {
    "delivered": Status.DELIVERED,
    "seen": Status.READ,
    "failed": Status.FAILED,
}
_USUAL_NAME: Final = {
    "picture": "photo.jpg",
    "video": "video.mp4",
    "file": "file",
    "sticker": "sticker.png",
}


class User(Struct, frozen=True):
    id: str
    name: str = ""
    language: str = ""


class Location(Struct, frozen=True):
    lat: float
    lon: float
    address: str = ""


class Contact(Struct, frozen=True):
    name: str = ""
    phone_number: str = ""


class Message(Struct, frozen=True):
    type: str
    text: str = ""
    media: str = ""
    file_name: str = ""
    file_size: int = 0
    size: int = 0
    sticker_id: int | None = None
    location: Location | None = None
    contact: Contact | None = None


class Callback(Struct, frozen=True):
    """One call of Viber's, whatever it tells."""

    event: str
    message_token: int = 0
    timestamp: int = 0
    """Milliseconds since 1970."""
    sender: User | None = None
    user: User | None = None
    user_id: str = ""
    message: Message | None = None
    desc: str = ""


_DECODER: Final = msgspec.json.Decoder(Callback)


def event_of(body: bytes) -> Event | None:
    """Return the event of a call under its permanent name; None when there is nothing to keep.

    A `message_token` is never used twice; of our own message, each status comes with its token.
    """
    try:
        told = _told(body)
    except UnreadableDeliveryError:
        return unread(body)
    if told.event in _SILENT:
        return None
    name = f"{told.event}:{told.message_token}:{told.user_id}"
    about = str(told.message_token) if told.event in _STATUS_OF else ""
    return Event(external_id=name, raw=body, files=_wanted(told.message), about=about)


def read_event(raw: bytes, files: Mapping[str, Fetched]) -> list[Envelope]:
    """Translate one event; raises UnreadableDeliveryError for what cannot be understood."""
    told = _told(raw)
    if told.event == "message":
        return [_said(told, files)]
    if told.event in _STATUS_OF:
        return [
            Report(
                external_id=f"{told.event}:{told.message_token}:{told.user_id}",
                thread_key=str(told.message_token),
                status=_STATUS_OF[told.event],
                reason=told.desc if told.event == "failed" else "",
            )
        ]
    return _reached(told)


def _reached(told: Callback) -> list[Envelope]:
    """Somebody wants to hear of us no more, or again."""
    who = told.user_id or (told.user.id if told.user else "")
    if told.event not in {"subscribed", "unsubscribed"} or not who:
        return []
    gone = UNSUBSCRIBED if told.event == "unsubscribed" else None
    return [Reach(external_id=str(told.message_token), handle=who, unreachable=gone)]


def _said(told: Callback, files: Mapping[str, Fetched]) -> Inbound:
    if told.sender is None or told.message is None or not told.message_token:
        raise UnreadableDeliveryError("Viber tells of a message without its sender or its words")
    wanted = _wanted(told.message)
    text, problems = with_missing(_words(told.message), wanted, files)
    if not text and not wanted:
        text, problems = unsupported(told.message.type), ("unsupported",)
    return Inbound(
        external_id=str(told.message_token),
        sender=Party(handle=told.sender.id, name=told.sender.name),
        text=text,
        sent_at=_moment(told.timestamp),
        thread_key=str(told.message_token),
        files=inbound_files(wanted, files),
        sender_proven=True,
        attributes=_attributes(told.sender),
        warnings=problems,
    )


def _wanted(message: Message | None) -> tuple[Wanted, ...]:
    if message is None or message.type not in _USUAL_NAME or not message.media:
        return ()
    name = message.file_name or _USUAL_NAME[message.type]
    size = max(message.file_size, message.size, 0)
    return (Wanted(key="media", name=name, url=message.media, size=size),)


def _words(message: Message) -> str:
    """Return the text, and what else says something in words."""
    parts: Sequence[str] = (
        message.text,
        message.media if message.type == "url" and message.media != message.text else "",
        "[sticker]" if message.type == "sticker" and not message.media else "",
        _place(message.location),
        card(message.contact.name, message.contact.phone_number) if message.contact else "",
    )
    return "\n".join(part for part in parts if part)


def _place(found: Location | None) -> str:
    return place(found.lat, found.lon, address=found.address) if found else ""


def _attributes(sender: User) -> dict[str, str]:
    told = {"name": sender.name, "locale": sender.language}
    return {name: value for name, value in told.items() if value}


def _moment(milliseconds: int) -> datetime | None:
    seconds = milliseconds // 1000
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 2**33 else None


def _told(raw: bytes) -> Callback:
    try:
        told: Callback = _DECODER.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableDeliveryError(f"not a call of Viber's: {error}") from error
    return told
