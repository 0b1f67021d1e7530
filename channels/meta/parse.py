"""What Meta's calls tell of a page or an Instagram account; no I/O, no clock, no log."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec import Struct

from channels.envelope import Envelope, Inbound, Party, ReadUntil, Report, Status
from channels.errors import UnreadableDeliveryError
from channels.files import inbound_files, with_missing
from channels.hooked.packing import Event, Packed, Wanted, unread
from channels.hooked.words import unsupported

_USUAL_NAME: Final = {
    "image": "photo.jpg",
    "video": "video.mp4",
    "audio": "voice.mp4",
    "file": "file",
}


class Id(Struct, frozen=True):
    id: str


class Payload(Struct, frozen=True):
    url: str = ""
    title: str = ""


class Attachment(Struct, frozen=True):
    type: str
    payload: Payload | None = None


class ReplyTo(Struct, frozen=True):
    mid: str = ""


class Message(Struct, frozen=True):
    mid: str
    text: str = ""
    is_echo: bool = False
    is_deleted: bool = False
    attachments: tuple[Attachment, ...] = ()
    reply_to: ReplyTo | None = None


class Delivery(Struct, frozen=True):
    mids: tuple[str, ...] = ()
    watermark: int = 0


class Read(Struct, frozen=True):
    """Messenger tells until when everything was read, Instagram which message."""

    watermark: int = 0
    mid: str = ""


class Postback(Struct, frozen=True):
    mid: str = ""
    title: str = ""
    payload: str = ""


class Told(Struct, frozen=True):
    """One thing of many that a call may tell; `timestamp` in milliseconds since 1970."""

    sender: Id
    timestamp: int = 0
    message: Message | None = None
    delivery: Delivery | None = None
    read: Read | None = None
    postback: Postback | None = None


class _Entry(Struct, frozen=True):
    id: str
    messaging: tuple[msgspec.Raw, ...] = ()


class _Body(Struct, frozen=True):
    entry: tuple[msgspec.Raw, ...]


_BODY: Final = msgspec.json.Decoder(_Body)
_ENTRY: Final = msgspec.json.Decoder(_Entry)
_TOLD: Final = msgspec.json.Decoder(Told)
_BROKEN: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def events_of(body: bytes, page_id: str) -> list[Event]:
    """Return the events of a call; one that cannot be read spoils none of its neighbours.

    What other pages of the same app are told is passed over, and so are the echoes of our own.
    """
    try:
        entries = _BODY.decode(body).entry
    except _BROKEN:
        return [unread(body)]
    return [one for raw in entries for one in _of_entry(bytes(raw), page_id)]


def read_event(packed: Packed) -> list[Envelope]:
    """Translate one event; raises UnreadableDeliveryError for what cannot be understood."""
    told = _told(bytes(packed.event))
    if told.message is not None:
        return [] if told.message.is_echo else [_said(told, told.message, packed)]
    if told.postback is not None:
        words = told.postback.title or told.postback.payload or unsupported("postback")
        return [_plain(told, packed, _name(told, b""), words)]
    if told.delivery is not None:
        return [_report(told, mid, Status.DELIVERED) for mid in told.delivery.mids]
    if told.read is not None:
        return _was_read(told, told.read)
    return []


def _of_entry(raw: bytes, page_id: str) -> Iterator[Event]:
    try:
        entry = _ENTRY.decode(raw)
    except _BROKEN:
        yield unread(raw)
        return
    if entry.id != page_id:
        return
    for one in entry.messaging:
        event = _event(bytes(one))
        if event is not None:
            yield event


def _event(raw: bytes) -> Event | None:
    try:
        told = _told(raw)
    except UnreadableDeliveryError:
        return unread(raw)
    message = told.message
    if message is not None and message.is_echo:
        return None
    mids = told.delivery.mids if told.delivery else (told.read.mid,) if told.read else ()
    return Event(
        external_id=_name(told, raw),
        raw=raw,
        files=_wanted(message.attachments) if message else (),
        about=next(iter(mids), ""),
        who=told.sender.id if message or told.postback else "",
    )


def _name(told: Told, raw: bytes) -> str:
    """Return what is the same however often it is told; a `mid` is never used twice."""
    if told.message is not None:
        return f"{'deleted:' if told.message.is_deleted else ''}{told.message.mid}"
    if told.postback is not None:
        return told.postback.mid or f"postback:{told.sender.id}:{told.timestamp}"
    if told.read is not None:
        return f"read:{told.sender.id}:{told.read.mid or told.read.watermark}"
    return f"{told.sender.id}:{told.timestamp}:{hashlib.sha256(raw).hexdigest()[:32]}"


def _said(told: Told, message: Message, packed: Packed) -> Inbound:
    if message.is_deleted:
        one = _plain(told, packed, f"deleted:{message.mid}", "[unsend]")
        return msgspec.structs.replace(one, references=(message.mid,), warnings=("withdrawn",))
    wanted = _wanted(message.attachments)
    text, problems = with_missing(_words(message), wanted, packed.files)
    if not text and not wanted:
        text, problems = unsupported("message"), ("unsupported",)
    about = message.reply_to.mid if message.reply_to else ""
    return msgspec.structs.replace(
        _plain(told, packed, message.mid, text),
        thread_key=message.mid,
        references=(about,) if about else (),
        files=inbound_files(wanted, packed.files),
        warnings=problems,
    )


def _plain(told: Told, packed: Packed, name: str, text: str) -> Inbound:
    return Inbound(
        external_id=name,
        sender=Party(handle=told.sender.id, name=packed.client.get("name", "")),
        text=text,
        sent_at=_moment(told.timestamp),
        sender_proven=True,
        attributes=dict(packed.client),
    )


def _was_read(told: Told, read: Read) -> list[Envelope]:
    if read.mid:
        return [_report(told, read.mid, Status.READ)]
    until = _moment(read.watermark)
    if until is None:
        return []
    name = f"read:{told.sender.id}:{read.watermark}"
    return [ReadUntil(external_id=name, handle=told.sender.id, until=until)]


def _report(told: Told, mid: str, status: Status) -> Report:
    return Report(external_id=f"{status}:{told.sender.id}:{mid}", thread_key=mid, status=status)


def _wanted(attachments: Sequence[Attachment]) -> tuple[Wanted, ...]:
    return tuple(
        Wanted(key=str(at), name=_USUAL_NAME[one.type], url=one.payload.url)
        for at, one in enumerate(attachments)
        if one.type in _USUAL_NAME and one.payload is not None and one.payload.url
    )


def _words(message: Message) -> str:
    """Return the text, and of what is no file its kind, title and address."""
    parts = [message.text]
    for one in message.attachments:
        if one.type not in _USUAL_NAME or one.payload is None or not one.payload.url:
            told = one.payload or Payload()
            named = (unsupported(one.type), told.title, told.url)
            parts.append(" ".join(part for part in named if part))
    return "\n".join(part for part in parts if part)


def _moment(milliseconds: int) -> datetime | None:
    seconds = milliseconds / 1000
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 2**33 else None


def _told(raw: bytes) -> Told:
    try:
        return _TOLD.decode(raw)
    except _BROKEN as error:
        raise UnreadableDeliveryError(f"not an event of Meta's: {error}") from error
