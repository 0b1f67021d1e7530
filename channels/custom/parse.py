"""What another system tells us, in our own documented JSON; no I/O, no clock, no log."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from channels.envelope import Envelope, Inbound, InboundFile, Party, Report, Status
from channels.errors import UnreadableDeliveryError
from channels.files import Fetched, inbound_files, with_missing
from channels.hooked.packing import Event, Wanted
from kernel.limits import CUSTOM_FILES, CUSTOM_NAME_CHARS, HTTP_URL_CHARS, TEXT_CHARS
from kernel.sniff import media_type, safe_name

_Id = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\A[^\x00-\x20\x7f]+\Z")]
_Word = Annotated[str, Meta(max_length=CUSTOM_NAME_CHARS)]
_Moment = Annotated[datetime, Meta(tz=True)]


class Client(Struct, frozen=True, kw_only=True):
    """Who writes: `id` is the key for ever, all else may change."""

    id: _Id
    name: _Word = ""
    email: _Word = ""
    phone: _Word = ""
    locale: _Word = ""


class File(Struct, frozen=True, kw_only=True):
    """A file, in place or to be fetched: exactly one of `data` (base64) and `url`."""

    name: _Word = ""
    url: Annotated[str, Meta(max_length=HTTP_URL_CHARS)] = ""
    data: bytes | None = None


class Message(Struct, frozen=True, kw_only=True, tag_field="type", tag="message"):
    """A client wrote."""

    id: _Id
    client: Client
    text: Annotated[str, Meta(max_length=TEXT_CHARS)] = ""
    sent_at: _Moment | None = None
    reply_to: _Id | None = None
    quoted: Annotated[str, Meta(max_length=TEXT_CHARS)] = ""
    """The words of the message that this one answers."""
    files: Annotated[tuple[File, ...], Meta(max_length=CUSTOM_FILES)] = ()


class StatusOf(Struct, frozen=True, kw_only=True, tag_field="type", tag="status"):
    """What became of one of our answers, named by the id that we gave it."""

    answer_id: UUID
    status: Literal["delivered", "read", "failed"]
    reason: _Word = ""


_DECODER: Final = msgspec.json.Decoder(Message | StatusOf)


def event_of(body: bytes) -> Event:
    """Return the event of a call; raises UnreadableDeliveryError naming the field."""
    told = _told(body)
    if isinstance(told, StatusOf):
        return Event(external_id=f"status:{told.answer_id}:{told.status}", raw=body)
    return Event(external_id=f"message:{told.id}", raw=body, files=_wanted(told))


def read_event(raw: bytes, files: Mapping[str, Fetched], public_key: str) -> list[Envelope]:
    """Translate one event; clients of one account are not those of another."""
    told = _told(raw)
    if isinstance(told, StatusOf):
        return [
            Report(
                external_id=f"status:{told.answer_id}:{told.status}",
                claimed_id=told.answer_id,
                status=Status(told.status),
                reason=told.reason,
            )
        ]
    wanted = _wanted(told)
    text, problems = with_missing(told.text, wanted, files)
    return [
        Inbound(
            external_id=told.id,
            sender=Party(handle=handle_of(public_key, told.client.id), name=told.client.name),
            text=text,
            quoted=told.quoted,
            sent_at=_utc(told.sent_at),
            thread_key=told.id,
            references=(told.reply_to,) if told.reply_to else (),
            files=_inline(told) + inbound_files(wanted, files),
            sender_proven=True,
            attributes=_attributes(told.client),
            warnings=problems,
        )
    ]


def handle_of(public_key: str, client_id: str) -> str:
    """Name a client among those of every account: two systems may count their users alike."""
    return f"{public_key}:{client_id}"


def client_of(public_key: str, handle: str) -> str | None:
    """Return the other system's own id; None when it is not this account's client."""
    own, found, client_id = handle.partition(":")
    return client_id if found and own == public_key else None


def _told(raw: bytes) -> Message | StatusOf:
    try:
        told: Message | StatusOf = _DECODER.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableDeliveryError(f"this is not what we understand: {error}") from error
    if isinstance(told, Message):
        _refuse_empty(told)
    return told


def _refuse_empty(told: Message) -> None:
    if not told.text.strip() and not told.files:
        raise UnreadableDeliveryError("a message has a text or files - at `$.text`")
    for at, file in enumerate(told.files):
        if bool(file.url) == (file.data is not None):
            raise UnreadableDeliveryError(f"a file has either `url` or `data` - at `$.files[{at}]`")


def _wanted(told: Message) -> tuple[Wanted, ...]:
    return tuple(
        Wanted(key=str(at), name=file.name or "file", url=file.url)
        for at, file in enumerate(told.files)
        if file.url
    )


def _inline(told: Message) -> tuple[InboundFile, ...]:
    return tuple(
        _here(file.name, file.data) for file in told.files if not file.url and file.data is not None
    )


def _here(name: str, data: bytes) -> InboundFile:
    kind = media_type(data, name)
    return InboundFile(name=safe_name(name, kind), media_type=kind, data=data, size=len(data))


def _attributes(client: Client) -> dict[str, str]:
    told = {
        "name": client.name,
        "email": client.email,
        "phone": client.phone,
        "locale": client.locale,
    }
    return {name: value for name, value in told.items() if value}


def _utc(moment: datetime | None) -> datetime | None:
    """A moment at the very edge of time has none in UTC."""
    try:
        return moment.astimezone(UTC) if moment else None
    except OverflowError:
        return None
