"""Cuts a text too long for one message where it hurts least, with the looks it has; no I/O."""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from channels.capabilities import length
from channels.telegram.markup import Rich
from channels.telegram.updates import Entity

_ENDS: Final = ("\n\n", "\n", ". ", " ")
"""Where a text is cut, the best first: between paragraphs, lines, sentences, words."""


def parts_of(said: Rich, most: int) -> Iterator[Rich]:
    """Yield it in parts of at most so many UTF-16 units, none of them empty."""
    start, rest = 0, said.text
    while rest:
        size = len(rest) if length(rest) <= most else _cut(rest, most)
        part = rest[:size].rstrip()
        if part:
            yield Rich(part, _looks(said, start, start + length(part)))
        gap = len(rest[size:]) - len(rest[size:].lstrip())
        start += length(rest[: size + gap])
        rest = rest[size + gap :]


def _cut(text: str, most: int) -> int:
    """Return how many signs of it make the next part: at least half of what there is room for."""
    room = text.encode("utf-16-le", "surrogatepass")[: 2 * most].decode("utf-16-le", "ignore")
    for end in _ENDS:
        at = room.rfind(end, len(room) // 2)
        if at >= 0:
            return at + len(end)
    return len(room)


def _looks(said: Rich, start: int, end: int) -> tuple[Entity, ...]:
    """Return the looks that lie on a part, as they lie in it."""
    found = []
    for one in said.spans:
        begin, stop = max(one.offset, start), min(one.offset + one.length, end)
        if begin < stop:
            found.append(replace(one, offset=begin - start, length=stop - begin))
    return tuple(found)
