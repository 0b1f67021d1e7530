"""Identifiers that sort by the time they were made (UUID version 7, RFC 9562)."""

import os
import time
from array import array
from typing import Final
from uuid import UUID

_last = 0
_TAILS_AT_ONCE: Final = 128
_tails: list[int] = []
# Two processes must never draw the same: who is forked begins with none.
os.register_at_fork(after_in_child=_tails.clear)


def new_id() -> UUID:
    """Return a UUIDv7; within one process each is greater than the one before it."""
    global _last  # noqa: PLW0603 - the monotonic floor of this process
    # 48 bits of milliseconds and 12 bits of the fraction (RFC 9562, method 3) make the prefix.
    nanoseconds = time.time_ns()
    tick = (nanoseconds // 1_000_000 << 12) | (nanoseconds % 1_000_000 * 4096 // 1_000_000)
    _last = tick = max(tick, _last + 1)
    tail = _random_word() & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=(tick >> 12) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62 | tail)


def _random_word() -> int:
    """Return 64 random bits; many are asked for at once, since each asking is a system call for
    which the interpreter's lock is let go, and with busy threads it is half a millisecond until
    it is back.
    """
    try:
        return _tails.pop()
    except IndexError:
        _tails.extend(array("Q", os.urandom(8 * _TAILS_AT_ONCE)))
        return _tails.pop()
