"""Cuts a text too long for one message where it hurts least, with the looks it has; no I/O."""

from collections.abc import Iterator

from msgspec.structs import replace

from channels.capabilities import length
from channels.cutting import cut_in
from channels.telegram.markup import Rich
from channels.telegram.updates import Entity


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
    room = text.encode("utf-16-le", "surrogatepass")[: 2 * most].decode("utf-16-le", "ignore")
    return cut_in(room)


def _looks(said: Rich, start: int, end: int) -> tuple[Entity, ...]:
    """Return the looks that lie on a part, as they lie in it."""
    found = []
    for one in said.spans:
        begin, stop = max(one.offset, start), min(one.offset + one.length, end)
        if begin < stop:
            found.append(replace(one, offset=begin - start, length=stop - begin))
    return tuple(found)
