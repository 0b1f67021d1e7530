"""Proves that a provider's call is its own: a keyed hash over the raw bytes, compared blindly."""

import hashlib
import hmac
from datetime import datetime, timedelta


def hmac_sha256(secret: str, *parts: bytes) -> bytes:
    """Return HMAC-SHA256 (RFC 2104) of the parts, one after the other."""
    keyed = hmac.new(secret.encode(), digestmod=hashlib.sha256)
    for part in parts:
        keyed.update(part)
    return keyed.digest()


def same(offered: str, expected: str) -> bool:
    """Compare in constant time; what is no ASCII is different, never an error."""
    return hmac.compare_digest(offered.encode("utf-8", "replace"), expected.encode())


def is_fresh(stamp: str, now: datetime, within: timedelta) -> bool:
    """Say whether a Unix time in whole seconds is no further from `now` than `within`."""
    if not stamp.isascii() or not stamp.isdecimal() or len(stamp) > 12:
        return False
    return abs(now.timestamp() - int(stamp)) <= within.total_seconds()
