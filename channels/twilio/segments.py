"""How many segments a text takes as SMS, which is what is paced and paid; no I/O.

By 3GPP TS 23.038 (the GSM 7 bit alphabet) and TS 23.040 (concatenation): 160 septets or 70 UCS-2
units in one, 153 or 67 in each of several. A pair of units is never torn apart.
"""

from typing import Final

from msgspec import Struct

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE: Final = frozenset("\f^{}\\[~]|€")


class Segments(Struct, frozen=True, kw_only=True):
    """What a text takes: so many `units` (septets or UCS-2 units) in so many segments."""

    encoding: str
    """`gsm7` or `ucs2`."""
    units: int
    count: int
    room: int
    """How many units still fit into the last one."""


def segments_of(text: str) -> Segments:
    """Return what a text takes; an empty one takes nothing."""
    if all(sign in _BASIC or sign in _DOUBLE for sign in text):
        return _counted("gsm7", [2 if sign in _DOUBLE else 1 for sign in text], 160, 153)
    return _counted("ucs2", [2 if ord(sign) > 0xFFFF else 1 for sign in text], 70, 67)


def _counted(encoding: str, sizes: list[int], alone: int, each: int) -> Segments:
    units = sum(sizes)
    if units <= alone:
        count = 1 if units else 0
        return Segments(encoding=encoding, units=units, count=count, room=alone - units)
    count, used = 1, 0
    for size in sizes:
        if used + size > each:
            count, used = count + 1, 0
        used += size
    return Segments(encoding=encoding, units=units, count=count, room=each - used)
