"""What is stored of one event that a provider told: its own bytes, and where its files lie."""

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Struct

from channels.errors import UnreadableDeliveryError
from channels.files import Fetched


class Wanted(Struct, frozen=True, kw_only=True):
    """A file that an event brings and the provider keeps: `key` names it within the event."""

    key: str
    name: str
    url: str
    size: int = 0
    """As the provider says; 0: it does not."""


class Event(Struct, frozen=True, kw_only=True):
    """One thing that a call tells, under the name that is its own for ever."""

    external_id: str
    raw: bytes
    files: tuple[Wanted, ...] = ()
    about: str = ""
    """The provider's name of our message that it reports of."""
    who: str = ""
    """Whose name is to be asked, where the event does not tell it."""


class Packed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One delivery: the event as it came, and what was asked of the provider because of it."""

    event: msgspec.Raw
    files: dict[str, Fetched] = {}
    client: dict[str, str] = {}
    """What the provider says of who wrote: `name`, `locale` and the like."""


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Packed)


def unread(raw: bytes) -> Event:
    """Return what cannot be understood as an event by itself, so that it is kept as it came."""
    return Event(external_id=f"raw:{hashlib.sha256(raw).hexdigest()}", raw=raw)


def pack(
    raw: bytes, files: Mapping[str, Fetched], client: Mapping[str, str] | None = None
) -> bytes:
    """Return what is stored; what is no JSON stays as unreadable as it came."""
    packed = Packed(event=msgspec.Raw(raw), files=dict(files), client=dict(client or {}))
    return _ENCODER.encode(packed)


def unpack(stored: bytes) -> Packed:
    """Return what was packed; raises UnreadableDeliveryError for anything else."""
    try:
        return _DECODER.decode(stored)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableDeliveryError(f"this is no JSON: {error}") from error
