"""Turns an article's safe HTML into a tree that a widget draws without ever parsing markup.

A page under the strictest policy (Trusted Types without any policy) forbids every way of making
elements from text; a tree of names and texts needs none of them.
"""

from html.parser import HTMLParser
from typing import Final

import msgspec

from kernel.limits import CHAT_ARTICLE_DEPTH, CHAT_ARTICLE_NODES

_BLOCKS: Final = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "pre", "blockquote"}
_WORDS: Final = {"strong", "b", "em", "i", "code", "a", "br", "hr"}
_TABLES: Final = {"table", "thead", "tbody", "tr", "th", "td"}
_SHOWN: Final = frozenset(_BLOCKS | _WORDS | _TABLES)
_EMPTY: Final = frozenset({"br", "hr"})
_UNSEEN: Final = frozenset({"script", "style", "template", "title"})
_LINKS: Final = ("https://", "http://", "mailto:", "/")


class Element(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One element: its tag is one of a fixed list, `href` is a link that may be followed."""

    tag: str
    href: str = ""
    children: list["Element | str"] = []


def tree_of(html: str) -> list[Element | str]:
    """Return what the article shows; what a widget cannot show gives way to what is in it."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root.children


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element(tag="")
        self._open = [self.root]
        self._unseen = 0
        self._nodes = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        if tag not in _SHOWN or not self._may_add():
            return
        made = Element(tag=tag, href=_link(attrs) if tag == "a" else "")
        self._open[-1].children.append(made)
        if tag not in _EMPTY and len(self._open) < CHAT_ARTICLE_DEPTH:
            self._open.append(made)

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN and self._unseen > 0
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].tag == tag:
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        if data.strip("\n") and self._may_add():
            self._open[-1].children.append(data)

    def _may_add(self) -> bool:
        self._nodes += 1
        return not self._unseen and self._nodes <= CHAT_ARTICLE_NODES


def _link(attrs: list[tuple[str, str | None]]) -> str:
    href = dict(attrs).get("href") or ""
    return href if href.startswith(_LINKS) and not href.startswith("//") else ""
