"""What an agent formatted, as Telegram takes it: a text, and which stretches of it look how; pure.

Stretches are named by their place instead of written as markup, so that no sign of a text can be
taken for it and refused.
"""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from channels.capabilities import length
from channels.telegram.updates import Entity
from kernel.limits import TELEGRAM_SPANS

_LOOKS: Final = {
    **dict.fromkeys(("b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "th"), "bold"),
    **dict.fromkeys(("i", "em", "cite", "dfn", "var"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), "code"),
    "pre": "pre",
    "blockquote": "blockquote",
}
_APART: Final = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "hr"})
"""An empty line stands around these; around the others below only a new one begins."""
_BLOCKS: Final = _APART | {
    *("address", "article", "aside", "blockquote", "caption", "center", "dd", "details", "div"),
    *("dl", "dt", "figcaption", "figure", "footer", "header", "main", "pre", "section", "summary"),
    "tr",
}
_LISTS: Final = frozenset({"ul", "ol"})
_VOID: Final = frozenset({"br", "hr", "img", "wbr", "col"})
_SPACES: Final = re.compile(r"[ \t\r\n\f\v\u00a0]+")
_DEEPEST: Final = 50
_ALONE: Final = frozenset({"code", "pre"})
"""Nothing else can be in these."""


class Rich(Struct, frozen=True):
    """A text and the looks of its stretches, in their order."""

    text: str
    spans: tuple[Entity, ...] = ()


def rich_of(html: str) -> Rich:
    """Return what our own sanitised HTML says; never raises."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.said()


class _Open(Struct):
    """An element whose end has not come; `start` is where its first sign stands."""

    tag: str
    look: str = ""
    url: str = ""
    start: int | None = None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._units = 0
        self._open: list[_Open] = []
        self._lists: list[int | None] = []
        """The lists we are in: the number of the last item, None where they are not numbered."""
        self._lines = 0
        """So many line ends stand before whatever is said next."""
        self._item_begun = False
        self._spans: list[Entity] = []

    def said(self) -> Rich:
        while self._open:
            self._close(len(self._open) - 1)
        text = "".join(self._out).rstrip()
        most = length(text)
        cut = (_within(one, most) for one in self._spans)
        spans = sorted((one for one in cut if one.length > 0), key=lambda one: one.offset)
        return Rich(text, tuple(spans[:TELEGRAM_SPANS]))

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._lines = min(self._lines + 1, 2)
        elif tag in _LISTS:
            self._apart(1 if self._lists else 2)
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._begin_item()
        elif tag in _BLOCKS:
            self._apart(2 if tag in _APART and not self._lists else 1)
        if tag not in _VOID and len(self._open) < _DEEPEST:
            self._open.append(self._opened(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at].tag == tag:
                while len(self._open) > at:
                    self._close(len(self._open) - 1)
                return

    def handle_data(self, data: str) -> None:
        if self._is_within("pre"):
            self._say(data if self._out and not self._lines else data.lstrip("\n"))
            return
        words = _SPACES.sub(" ", data)
        if self._lines or not self._out or self._out[-1][-1:].isspace():
            words = words.lstrip(" ")
        self._say(words)

    def _opened(self, tag: str, attrs: dict[str, str | None]) -> _Open:
        href = (attrs.get("href") or "") if tag == "a" else ""
        look = "text_link" if href else _LOOKS.get(tag, "")
        if self._is_within(*_ALONE) or (look == "blockquote" and self._is_within(look)):
            look = ""
        return _Open(tag=tag, look=look, url=href)

    def _close(self, at: int) -> None:
        one = self._open.pop(at)
        if one.url and not one.url.lower().startswith(("http://", "https://")):
            self._spell_out(one)
        elif one.look and one.start is not None:
            size = self._units - one.start
            self._spans.append(Entity(one.look, one.start, size, one.url))
        if one.tag in _LISTS:
            self._lists.pop()
            self._apart(1 if self._lists else 2)
        elif one.tag in _BLOCKS:
            self._apart(2 if one.tag in _APART and not self._lists else 1)
        elif one.tag in {"td", "th"}:
            self._say("\t")

    def _spell_out(self, link: _Open) -> None:
        """Telegram leads nowhere but to the web: another address is written behind its words."""
        address = link.url.partition(":")[2]
        if link.start is not None and address and address not in "".join(self._out[-8:]):
            self._say(f" ({address})")

    def _begin_item(self) -> None:
        if not self._lists:
            self._lists.append(None)
        self._apart(1)
        number = self._lists[-1]
        self._lists[-1] = None if number is None else number + 1
        mark = "•" if number is None else f"{number + 1}."
        self._say("  " * (len(self._lists) - 1) + f"{mark} ")
        self._item_begun = True

    def _apart(self, lines: int) -> None:
        """Begin anew, unless nothing but the mark of an item stands there."""
        if not self._item_begun:
            self._lines = max(self._lines, lines)

    def _say(self, words: str) -> None:
        if not words:
            return
        if self._out and self._lines:
            self._put("\n" * self._lines)
        self._lines = 0
        self._item_begun = False
        for one in self._open:
            if one.start is None:
                one.start = self._units
        self._put(words)

    def _put(self, words: str) -> None:
        self._out.append(words)
        self._units += length(words)

    def _is_within(self, *names: str) -> bool:
        return any(one.look in names or one.tag in names for one in self._open)


def _within(one: Entity, most: int) -> Entity:
    return replace(one, length=min(one.length, most - one.offset))
