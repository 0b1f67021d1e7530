"""What is stored of one event that a provider told: its own bytes, and where its files lie."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from channels.envelope import InboundFile
from channels.errors import UnreadableDeliveryError
from kernel.limits import MIB
from kernel.sniff import safe_name


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


class Fetched(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file that was fetched, or `problem` when it could not be."""

    blob: str = ""
    size: int = 0
    media_type: str = ""
    problem: str = ""
    """`file_too_large`, `file_missing` or `file_refused` (it lies where we fetch nothing)."""


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


def inbound_files(
    wanted: Sequence[Wanted], files: Mapping[str, Fetched]
) -> tuple[InboundFile, ...]:
    """Return those that are here, each under a name that is safe anywhere."""
    here = ((one, files[one.key]) for one in wanted if _is_here(one, files))
    return tuple(
        InboundFile(
            name=safe_name(one.name, found.media_type),
            media_type=found.media_type,
            blob=found.blob,
            size=found.size,
        )
        for one, found in here
    )


def with_missing(
    text: str, wanted: Sequence[Wanted], files: Mapping[str, Fetched]
) -> tuple[str, tuple[str, ...]]:
    """Name in the text what is not here, so that nobody takes it for not sent; and say why."""
    lines, problems = [text] if text else [], []
    for one in wanted:
        if not _is_here(one, files):
            known = files.get(one.key)
            problems.append(known.problem if known else "file_missing")
            size = f", {one.size / MIB:.1f} MB" if one.size else ""
            lines.append(f"[{safe_name(one.name)}{size}]")
    return "\n".join(lines), tuple(dict.fromkeys(problems))


def _is_here(one: Wanted, files: Mapping[str, Fetched]) -> bool:
    return one.key in files and not files[one.key].problem
