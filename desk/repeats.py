"""What a request said, in a few bytes: sent again under its id, it must say the same."""

import hashlib
from collections.abc import Collection
from dataclasses import fields
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(order="deterministic")


def digest_of(request: Any, *, leaving_out: Collection[str] = ()) -> str:
    """Return the SHA-256 of a dataclass, its kind and its fields, as hexadecimal digits.

    `leaving_out` names what may differ between two tries of the same request.
    """
    said = {
        one.name: getattr(request, one.name)
        for one in fields(request)
        if one.name not in leaving_out
    }
    return hashlib.sha256(_ENCODER.encode([type(request).__name__, said])).hexdigest()
