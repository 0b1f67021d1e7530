"""Identifiers that sort by the time they were made (UUID version 7, RFC 9562)."""

import os
import time
from uuid import UUID

_last = 0


def new_id() -> UUID:
    """Return a UUIDv7; within one process each is greater than the one before it."""
    global _last  # noqa: PLW0603 - the monotonic floor of this process
    # 48 bits of milliseconds and 12 bits of the fraction (RFC 9562, method 3) make the prefix.
    nanoseconds = time.time_ns()
    tick = (nanoseconds // 1_000_000 << 12) | (nanoseconds % 1_000_000 * 4096 // 1_000_000)
    _last = tick = max(tick, _last + 1)
    tail = int.from_bytes(os.urandom(8)) & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=(tick >> 12) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62 | tail)
