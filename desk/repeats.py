"""What a request said, in a few bytes: sent again under its id, it must say the same."""

import hashlib
from collections.abc import Collection

import msgspec
from msgspec import Struct

_ENCODER = msgspec.json.Encoder(order="deterministic")


def digest_of(request: Struct, *, leaving_out: Collection[str] = ()) -> str:
    """Return the SHA-256 of a value, its kind and its fields, as hexadecimal digits.

    `leaving_out` names what may differ between two tries of the same request.
    """
    said = {
        name: getattr(request, name)
        for name in request.__struct_fields__
        if name not in leaving_out
    }
    return hashlib.sha256(_ENCODER.encode([type(request).__name__, said])).hexdigest()
