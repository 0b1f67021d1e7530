"""Markdown as the knowledge base shows it: no HTML of the writer, sanitised after rendering."""

import re
from collections import Counter
from html import unescape
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from msgspec import Struct

from kernel.html import sanitise, to_text
from kernel.limits import ARTICLE_CHARS

_EXCERPT_CHARS: Final = 240
_HEADING_CHARS: Final = 60
# The sanitiser lets no id through, so its headings are bare and this pattern sees them all.
_HEADING: Final = re.compile(r"<(h[1-6])>(.*?)</\1>", re.DOTALL)
_TAG: Final = re.compile(r"<[^<>]*>")
_NO_LETTERS: Final = re.compile(r"[\W_]+")
_BLANKS: Final = re.compile(r"\s+")
_ITEM: Final = re.compile(r"^- ", re.MULTILINE)
"""The sign of a list: in a line of words it looks like a dash that leads nowhere."""


class Rendered(Struct, frozen=True):
    """Safe HTML, its plain text for the index, and its first words for lists."""

    html: str
    text: str
    excerpt: str


def render(markdown: str) -> Rendered:
    """Return an article as HTML that is safe to show anywhere; never raises, linear in time.

    Text past ARTICLE_CHARS is left out. HTML in the source is shown as text; an image becomes a
    link to it, so that a help page loads nothing from elsewhere; headings get ids that begin with
    `kb-` and can meet no other id of a page.
    """
    clean = sanitise(_MARKDOWN.render(markdown[:ARTICLE_CHARS].replace("\x00", ""))).html
    text = to_text(clean)
    return Rendered(_with_heading_ids(clean), text, _excerpt(text))


def _with_heading_ids(html: str) -> str:
    seen: Counter[str] = Counter()

    def heading(found: re.Match[str]) -> str:
        words = _NO_LETTERS.sub("-", unescape(_TAG.sub("", found[2]))).strip("-").lower()
        name = words[:_HEADING_CHARS] or "section"
        seen[name] += 1
        suffix = f"-{seen[name]}" if seen[name] > 1 else ""
        return f'<{found[1]} id="kb-{name}{suffix}">{found[2]}</{found[1]}>'

    return _HEADING.sub(heading, html)


def _excerpt(text: str) -> str:
    start = _BLANKS.sub(" ", _ITEM.sub("", text[: _EXCERPT_CHARS * 4])).strip()
    if len(start) <= _EXCERPT_CHARS:
        return start
    return start[:_EXCERPT_CHARS].rsplit(" ", 1)[0] + "…"


def _image_as_link(
    _renderer: RendererHTML,
    tokens: list[Token],
    index: int,
    _options: OptionsDict,
    _environment: EnvType,
) -> str:
    source = str(tokens[index].attrGet("src") or "")
    return f'<a href="{escapeHtml(source)}">{escapeHtml(tokens[index].content or source)}</a>'


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.add_render_rule("image", _image_as_link)
    return parser


_MARKDOWN: Final = _parser()
