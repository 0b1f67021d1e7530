"""What a client formatted, as the house's HTML; no I/O, no clock."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import Final

from msgspec import Struct

from channels.capabilities import length
from channels.telegram.updates import Entity
from kernel.html import sanitise
from kernel.limits import TELEGRAM_SPANS

_TAGS: Final = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
    "text_link": "a",
}
_LINKED: Final = {"url": "", "email": "mailto:"}


def html_of(text: str, entities: Sequence[Entity]) -> str | None:
    """Return the text with its looks, through the one sanitiser; None when it has none.

    Stretches may overlap as they like: each sign wears all that lie on it.
    """
    size = length(text)
    looks = [one for one in entities[:TELEGRAM_SPANS] if _lies_in(one, size)]
    if not any(one.type in _TAGS for one in looks):
        return None
    units = text.encode("utf-16-le", "surrogatepass")
    edges = sorted({0, size, *(at for one in looks for at in (one.offset, _end(one)))})
    out: list[str] = []
    worn: list[_Dress] = []
    for start, end in pairwise(edges):
        out += _changed(worn, looks, start, units)
        words = units[2 * start : 2 * end].decode("utf-16-le", "replace")
        out.append(escape(words).replace("\n", "<br>"))
    out += [f"</{one.tag}>" for one in reversed(worn)]
    return sanitise("".join(out)).html


class _Dress(Struct, frozen=True):
    """A look as an element: it begins at `start` and ends at `end`."""

    tag: str
    rest: str
    start: int
    end: int


def _changed(worn: list[_Dress], looks: Sequence[Entity], at: int, units: bytes) -> Iterator[str]:
    """Change what is worn at a place: what ends there is taken off with all above it, which is put
    on again if it goes on; then comes what begins there, the longest first."""
    again: list[_Dress] = []
    while any(one.end <= at for one in worn):
        last = worn.pop()
        yield f"</{last.tag}>"
        if last.end > at:
            again.insert(0, last)
    begun = [_dress(one, units) for one in looks if one.offset == at]
    fresh = sorted((one for one in begun if one), key=lambda one: -one.end)
    for one in [*again, *fresh]:
        worn.append(one)
        yield f"<{one.tag}{one.rest}>"


def _dress(one: Entity, units: bytes) -> _Dress | None:
    url = one.url
    if one.type in _LINKED:
        words = units[2 * one.offset : 2 * _end(one)].decode("utf-16-le", "replace")
        url = f"{_LINKED[one.type] or ('' if '://' in words else 'https://')}{words}"
    tag = "a" if one.type in _LINKED else _TAGS.get(one.type)
    rest = f' href="{escape(url)}"' if tag == "a" else ""
    return _Dress(tag, rest, one.offset, _end(one)) if tag else None


def _lies_in(one: Entity, size: int) -> bool:
    return one.offset >= 0 and one.length > 0 and _end(one) <= size


def _end(one: Entity) -> int:
    return one.offset + one.length
