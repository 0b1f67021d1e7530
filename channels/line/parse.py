"""What LINE's calls tell, and the envelopes they mean; no I/O, no clock, no log."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec import Struct

from channels.envelope import Envelope, Inbound, Party, Reach
from channels.errors import UnreadableDeliveryError
from channels.files import inbound_files, with_missing
from channels.hooked.packing import Event, Packed, Wanted, unread
from channels.hooked.words import place, unsupported

BLOCKED: Final = "the client has blocked the account; only they can let it in again"
_USUAL_NAME: Final = {
    "image": "photo.jpg",
    "video": "video.mp4",
    "audio": "audio.m4a",
    "file": "file",
}


class Source(Struct, frozen=True, rename="camel"):
    type: str
    user_id: str = ""


class Provider(Struct, frozen=True, rename="camel"):
    type: str = "line"
    original_content_url: str = ""


class Message(Struct, frozen=True, rename="camel"):
    id: str
    type: str
    text: str = ""
    quoted_message_id: str = ""
    file_name: str = ""
    file_size: int = 0
    content_provider: Provider = Provider()
    keywords: tuple[str, ...] = ()
    title: str | None = None
    address: str | None = None
    latitude: float = 0.0
    longitude: float = 0.0


class Unsend(Struct, frozen=True, rename="camel"):
    message_id: str


class Postback(Struct, frozen=True, rename="camel"):
    data: str = ""


class Told(Struct, frozen=True, rename="camel"):
    """One event, whatever it tells."""

    type: str
    webhook_event_id: str
    timestamp: int = 0
    """Milliseconds since 1970."""
    source: Source | None = None
    message: Message | None = None
    unsend: Unsend | None = None
    postback: Postback | None = None


class _Body(Struct, frozen=True):
    events: tuple[msgspec.Raw, ...]


_BODY: Final = msgspec.json.Decoder(_Body)
_TOLD: Final = msgspec.json.Decoder(Told)


def events_of(body: bytes, data_url: str) -> list[Event]:
    """Return the events of a call; one that cannot be read spoils none of its neighbours.

    A `webhookEventId` is the same when LINE tells an event again. In groups nobody is a client.
    """
    try:
        raws = _BODY.decode(body).events
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return [unread(body)]
    found = (_event(bytes(raw), data_url) for raw in raws)
    return [one for one in found if one is not None]


def read_event(packed: Packed, data_url: str) -> list[Envelope]:
    """Translate one event; raises UnreadableDeliveryError for what cannot be understood."""
    told = _told(bytes(packed.event))
    who = told.source.user_id if told.source else ""
    if not who:
        return []
    if told.type in {"follow", "unfollow"}:
        gone = BLOCKED if told.type == "unfollow" else None
        return [Reach(external_id=told.webhook_event_id, handle=who, unreachable=gone)]
    if told.message is not None:
        return [_said(told, told.message, packed, data_url)]
    if told.unsend is not None:
        return [_plain(told, packed, "[unsend]", ("withdrawn",), told.unsend.message_id)]
    if told.postback is not None:
        return [_plain(told, packed, told.postback.data or unsupported("postback"))]
    return []


def _event(raw: bytes, data_url: str) -> Event | None:
    try:
        told = _told(raw)
    except UnreadableDeliveryError:
        return unread(raw)
    if told.source is None or told.source.type != "user":
        return None
    speaks = told.message is not None or told.unsend is not None or told.postback is not None
    return Event(
        external_id=told.webhook_event_id,
        raw=raw,
        files=_wanted(told.message, data_url),
        who=told.source.user_id if speaks else "",
    )


def _said(told: Told, message: Message, packed: Packed, data_url: str) -> Inbound:
    wanted = _wanted(message, data_url)
    text, problems = with_missing(_words(message), wanted, packed.files)
    if not text and not wanted:
        text, problems = unsupported(message.type), ("unsupported",)
    said = _plain(told, packed, text, problems, message.quoted_message_id)
    return msgspec.structs.replace(
        said,
        external_id=message.id,
        thread_key=message.id,
        files=inbound_files(wanted, packed.files),
    )


def _plain(
    told: Told, packed: Packed, text: str, warnings: Sequence[str] = (), about: str = ""
) -> Inbound:
    client = packed.client
    return Inbound(
        external_id=told.webhook_event_id,
        sender=Party(handle=told.source.user_id if told.source else "", name=_name(client)),
        text=text,
        sent_at=_moment(told.timestamp),
        references=(about,) if about else (),
        sender_proven=True,
        attributes=dict(client),
        warnings=tuple(warnings),
    )


def _name(client: Mapping[str, str]) -> str:
    return client.get("name", "")


def _wanted(message: Message | None, data_url: str) -> tuple[Wanted, ...]:
    if message is None or message.type not in _USUAL_NAME or not message.id.isalnum():
        return ()
    url = f"{data_url}/v2/bot/message/{message.id}/content"
    if message.content_provider.type == "external":
        url = message.content_provider.original_content_url
    name = message.file_name or _USUAL_NAME[message.type]
    return (Wanted(key="content", name=name, url=url, size=max(message.file_size, 0)),)


def _words(message: Message) -> str:
    if message.type == "location":
        spot = message.latitude, message.longitude
        return place(*spot, message.title or "", message.address or "")
    if message.type == "sticker":
        meant = ", ".join(word for word in message.keywords[:5] if word)
        return f"[sticker: {meant}]" if meant else "[sticker]"
    return message.text


def _moment(milliseconds: int) -> datetime | None:
    seconds = milliseconds // 1000
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 2**33 else None


def _told(raw: bytes) -> Told:
    try:
        return _TOLD.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableDeliveryError(f"not an event of LINE's: {error}") from error
