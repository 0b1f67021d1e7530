"""Addresses under which one of our files can be fetched for a while by whoever was given one."""

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec import Struct

from kernel.errors import NotFoundError
from kernel.secrets import Sealer

_PURPOSE: Final = "lent file"
_TOKEN_CHARS: Final = 1_000


class Lent(Struct, frozen=True, array_like=True):
    """A file by its blob, its true media type, and until when it is given."""

    blob: str
    media_type: str
    until: int
    """Seconds since 1970."""


_DECODER: Final = msgspec.json.Decoder(Lent)


def lend(sealer: Sealer, blob: str, media_type: str, until: datetime) -> str:
    """Return a token that stands for the file until then; nobody else can make one."""
    said = msgspec.json.encode(Lent(blob, media_type, int(until.timestamp())))
    return f"{_text(said)}.{_text(_proof(sealer.proof_key(_PURPOSE), said))}"


def lent(sealer: Sealer, token: str, now: datetime) -> Lent:
    """Return what a token stands for; NotFoundError when it is not ours or its time is over."""
    said, _, proof = token.partition(".")
    try:
        raw, offered = _bytes(said), _bytes(proof)
    except (binascii.Error, ValueError) as error:
        raise NotFoundError from error
    proofs = [hmac.compare_digest(offered, _proof(key, raw)) for key in sealer.proof_keys(_PURPOSE)]
    if len(token) > _TOKEN_CHARS or not any(proofs):
        raise NotFoundError
    found = _DECODER.decode(raw)
    if datetime.fromtimestamp(found.until, UTC) <= now:
        raise NotFoundError
    return found


def _proof(key: bytes, said: bytes) -> bytes:
    return hmac.new(key, said, hashlib.sha256).digest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
