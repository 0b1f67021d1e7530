"""The chat's own deliveries: canonical JSON in, envelopes out; no I/O, no clock."""

from datetime import datetime
from uuid import UUID

import msgspec

from channels.envelope import Envelope, Inbound, InboundFile, Party, Report, Status
from channels.errors import UnreadableDeliveryError
from channels.webchat.visitors import Upload, Visitor


class SaidFile(msgspec.Struct, frozen=True, kw_only=True):
    blob: str
    name: str
    media_type: str
    size: int


class Said(msgspec.Struct, frozen=True, kw_only=True, tag="said"):
    """One message of a visitor. Everything but `id` and `text` is the center's own word."""

    id: UUID
    visitor_id: UUID
    handle: str
    verified: bool
    text: str
    at: datetime
    name: str = ""
    email: str = ""
    locale: str = ""
    page: str = ""
    attributes: dict[str, str] = {}
    greeting: str = ""
    """What the widget had said first; this answers it."""
    ticket_id: UUID | None = None
    """The conversation of theirs that they write in, when it is not the latest."""
    files: tuple[SaidFile, ...] = ()


class Marked(msgspec.Struct, frozen=True, kw_only=True, tag="marked"):
    """How far the visitor came with our messages: on their screen, or read."""

    visitor_id: UUID
    status: Status
    message_ids: tuple[UUID, ...]


_ENCODER = msgspec.json.Encoder(order="deterministic")
_DECODER: msgspec.json.Decoder[Said | Marked] = msgspec.json.Decoder(Said | Marked)


def said_by(
    visitor: Visitor,
    message_id: UUID,
    text: str,
    files: tuple[Upload, ...],
    at: datetime,
    *,
    ticket_id: UUID | None = None,
    greeting: str = "",
) -> Said:
    return Said(
        id=message_id,
        visitor_id=visitor.id,
        handle=visitor.handle,
        verified=visitor.verified,
        text=text,
        at=at,
        name=visitor.name,
        email=visitor.email,
        locale=visitor.locale,
        page=visitor.page,
        attributes=dict(visitor.attributes),
        ticket_id=ticket_id,
        greeting=greeting,
        files=tuple(
            SaidFile(blob=one.blob, name=one.name, media_type=one.media_type, size=one.size)
            for one in files
        ),
    )


def external_id(told: Said | Marked) -> str:
    """Return the permanent key: a message sent again, from whatever tab, is the same delivery."""
    if isinstance(told, Said):
        return f"{told.visitor_id.hex}:{told.id}"
    return f"{told.visitor_id.hex}:{told.status.value}:{max(told.message_ids)}"


def client_id_of(external: str | None) -> str | None:
    """Return the id that the writing browser gave the message."""
    return external.partition(":")[2] or None if external else None


def to_raw(told: Said | Marked) -> bytes:
    return _ENCODER.encode(told)


def read_raw(raw: bytes) -> list[Envelope]:
    """Translate one delivery; raises UnreadableDeliveryError for what is none of ours."""
    try:
        told = _DECODER.decode(raw)
    except msgspec.MsgspecError as error:
        raise UnreadableDeliveryError(f"not a chat delivery: {error}") from error
    if isinstance(told, Marked):
        return [
            Report(external_id=str(one), message_id=one, status=told.status)
            for one in told.message_ids
        ]
    return [_inbound(told)]


def _inbound(told: Said) -> Inbound:
    about = {"name": told.name, "email": told.email, "locale": told.locale, "page": told.page}
    return Inbound(
        external_id=external_id(told),
        sender=Party(handle=told.handle, name=told.name),
        text=told.text,
        quoted=told.greeting,
        sent_at=told.at,
        files=tuple(
            InboundFile(name=one.name, media_type=one.media_type, blob=one.blob, size=one.size)
            for one in told.files
        ),
        sender_proven=told.verified,
        ticket_claim=told.ticket_id,
        # An empty fact is one that was taken back; an empty name was never given.
        attributes={**told.attributes, **{name: value for name, value in about.items() if value}},
    )
