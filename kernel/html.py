"""The one sanitiser: what other people's HTML must pass before anybody sees it."""  # noqa: A005

import html as entities
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

import nh3
from msgspec import Struct

from kernel.limits import HTML_BYTES, HTML_TAGS, TEXT_CHARS

VERSION: Final = 1
"""Rises with the rules; a stored copy of an older version is cleaned again when read."""


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TAGS: Final = _names(
    "a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup"
    " dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i"
    " img ins kbd li main mark ol p pre q rp rt ruby s samp section small span strike strong sub"
    " summary sup table tbody td tfoot th thead time tr tt u ul var wbr"
)
_GONE_WITH_CONTENT: Final = _names(
    "script style title template noscript noembed noframes iframe object embed applet svg math"
    " select textarea xmp plaintext"
)
_BOX: Final = frozenset({"align", "valign", "width", "height", "bgcolor"})
_ATTRIBUTES: Final[dict[str, set[str]]] = {
    "*": {"style", "dir", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "face", "size"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value"},
    "table": {*_BOX, "border", "cellpadding", "cellspacing"},
    "tr": set(_BOX),
    "td": {*_BOX, "colspan", "rowspan"},
    "th": {*_BOX, "colspan", "rowspan", "scope"},
    "col": {"span", "width"},
    "colgroup": {"span"},
    "p": {"align"},
    "div": {"align"},
    "hr": {"width", "size"},
    "time": {"datetime"},
}
# Nothing here can place, hide over, animate or load anything.
_STYLES: Final = _names(
    "background-color border border-bottom border-collapse border-color border-left border-radius"
    " border-right border-spacing border-style border-top border-width color direction font"
    " font-family font-size font-style font-variant font-weight height letter-spacing line-height"
    " list-style-type margin margin-bottom margin-left margin-right margin-top max-width"
    " padding padding-bottom padding-left padding-right padding-top text-align text-decoration"
    " text-indent text-transform vertical-align white-space width word-break word-spacing"
    " word-wrap overflow-wrap"
)
_BAD_STYLE: Final = re.compile(
    r"url|image|expression|import|attr\(|var\(|env\(|[\\@<>{}]|/\*", re.IGNORECASE
)
_SIZE: Final = re.compile(r"\d{1,4}(?:\.\d{1,3})?(?:px|%)?")
_INLINE_DATA: Final = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")
_ENTITIES_MAX: Final = 5 * HTML_TAGS
_NESTING_MAX: Final = 2_000
# Elements that end by themselves (or never begin anything) do not nest.
_NESTING_TAG: Final = re.compile(
    r"<(/?)(?!(?:p|br|img|hr|li|td|th|tr|dt|dd|wbr|col|meta|link|input|option)\b)[a-z]",
    re.IGNORECASE,
)
_MAILTO: Final = re.compile(r"mailto:[^?\s]*")


class CleanHtml(Struct, frozen=True):
    """A safe copy; `truncated` says that the original was too large or too deep to keep whole."""

    html: str
    remote_images: int
    truncated: bool
    version: int = VERSION


def _judge(tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value when it may stay (called for the attributes of _ATTRIBUTES)."""
    if name == "style":
        return None if _BAD_STYLE.search(value) or len(value) > 2_000 else value
    if name == "src":
        value = value.strip()
        if value[:5].lower() == "data:":
            return value if _INLINE_DATA.fullmatch(value) else None
        return value
    if name in {"width", "height"}:
        return value if _SIZE.fullmatch(value.strip()) else None
    if name == "href":
        return _link(value.strip())
    return value


def _link(url: str) -> str | None:
    """Links lead out by http, https, mailto or tel; a mail link carries the address alone."""
    scheme = url[:8].lower()
    if scheme.startswith(("http://", "https://", "tel:")):
        return url
    if scheme.startswith("mailto:") and (found := _MAILTO.match("mailto:" + url[7:])):
        return found[0]
    return None


_CLEANER: Final = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=_GONE_WITH_CONTENT,
    attributes=_ATTRIBUTES,
    attribute_filter=_judge,
    strip_comments=True,
    link_rel="noopener noreferrer nofollow ugc",
    generic_attribute_prefixes=set(),
    set_tag_attribute_values={"a": {"target": "_blank"}},
    url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
    filter_style_properties=_STYLES,
    url_relative="deny",
)

# The cleaner writes every attribute as ` name="value"` with quotes escaped and every `<` of text
# as `&lt;`, so these patterns see real tags only.
_IMG: Final = re.compile(r'<img((?: [a-z-]+="[^"]*")*)>')
_SRC: Final = re.compile(r' src="([^"]*)"')


def sanitise(html: str, *, cid_urls: Mapping[str, str] | None = None) -> CleanHtml:
    """Return a copy without anything active; never raises, bounded in time.

    Remote images keep their address in `data-remote-src` and load nothing until the reader asks;
    `cid:` images point to `cid_urls` where it knows them and carry `data-cid` otherwise.
    HTML beyond HTML_BYTES or HTML_TAGS is shown as its text: the parser beneath takes time
    with the square of the nesting.
    """
    if too_heavy(html):
        return CleanHtml(plain_to_html(to_text(html)), 0, truncated=True)
    known = cid_urls or {}
    remote = 0

    def image(found: re.Match[str]) -> str:
        nonlocal remote
        source = _SRC.search(found[1])
        if source is None:
            return f"<img{found[1]}>"
        kind, shown = _image(entities.unescape(source[1]), known)
        remote += kind == "data-remote-src"
        return f'<img{found[1].replace(source[0], "", 1)} {kind}="{entities.escape(shown)}">'

    clean = _CLEANER.clean(html)
    return CleanHtml(_IMG.sub(image, clean) if "<img" in clean else clean, remote, truncated=False)


def from_editor(html: str) -> CleanHtml:
    """Return what an agent wrote in the editor, by the same rules as everybody's HTML."""
    return sanitise(html)


def too_heavy(html: str) -> bool:
    """Tell whether cleaning would take long: the parser is quadratic in tags and in entities."""
    if len(html) > HTML_BYTES:
        return True
    tags = html.count("<")
    if tags > HTML_TAGS or html.count("&") > _ENTITIES_MAX:
        return True
    return tags > _NESTING_MAX and _nests_deeper_than(_NESTING_MAX, html)


def _nests_deeper_than(limit: int, html: str) -> bool:
    depth = 0
    for found in _NESTING_TAG.finditer(html):
        depth = max(depth - 1, 0) if found[1] else depth + 1
        if depth > limit:
            return True
    return False


def _image(source: str, known: Mapping[str, str]) -> tuple[str, str]:
    scheme = source[:5].lower()
    if scheme == "data:":
        return "src", source
    if scheme.startswith("cid:"):
        name = unquote(source[4:]).strip("<> ")
        return ("src", known[name]) if name in known else ("data-cid", name)
    return "data-remote-src", source


_HIDDEN: Final = ("script", "style", "title", "template", "noscript", "head")
_BREAKS: Final = re.compile(
    r"<(?:br|hr)\b[^<>]*>|</(?:p|div|tr|h[1-6]|li|ul|ol|dl|dt|dd|table|pre|section|article|header"
    r"|footer|address|figure|center)\s*>|<(?:p|div|ul|ol|table|h[1-6]|pre)\b[^<>]*>",
    re.IGNORECASE,
)
_PARAGRAPHS: Final = re.compile(r"</(?:p|h[1-6]|table|ul|ol|pre)\s*>", re.IGNORECASE)
_CELLS: Final = re.compile(r"</t[dh]\s*>", re.IGNORECASE)
_ITEMS: Final = re.compile(r"<li\b[^<>]*>", re.IGNORECASE)
_QUOTES: Final = re.compile(r"<(/?)blockquote\b[^<>]*>", re.IGNORECASE)
_ANY_TAG: Final = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_BLANKS: Final = re.compile(r"[ \t\f\v\u00a0]+")
_EMPTY_LINES: Final = re.compile(r"\n{3,}")
_QUOTE_DEPTH_MAX: Final = 20


def to_text(html: str) -> str:
    """Return what a reader would see as plain text, quotations marked `>`; linear, never raises."""
    html = _without_hidden(html[: HTML_BYTES * 2].replace("\x00", ""))
    html = _BLANKS.sub(" ", html.replace("\r", "").replace("\n", " "))
    html = _PARAGRAPHS.sub("\n\n", _CELLS.sub("\t", _ITEMS.sub("\n- ", html)))
    html = _BREAKS.sub("\n", html)
    pieces = _QUOTES.split(html)
    if len(pieces) == 1:
        return _lines(html, 0)[:TEXT_CHARS]
    depth, out = 0, [_lines(pieces[0], 0)]
    for closing, text in zip(pieces[1::2], pieces[2::2], strict=True):
        depth = max(depth - 1, 0) if closing else depth + 1
        out.append(_lines(text, min(depth, _QUOTE_DEPTH_MAX)))
    return "\n".join(part for part in out if part)[:TEXT_CHARS]


def _lines(html: str, depth: int) -> str:
    text = entities.unescape(_ANY_TAG.sub("", html)).replace("\u00a0", " ")
    text = "\n".join(line.strip() for line in text.split("\n"))
    text = _EMPTY_LINES.sub("\n\n", text).strip()
    if not depth or not text:
        return text
    marks = ">" * depth + " "
    return "\n".join(marks + line for line in text.split("\n"))


def _without_hidden(html: str) -> str:
    """Drop comments and the content of elements nobody sees, each in one pass."""
    html = _cut(html, "<!--", "-->")
    lower = html.lower()
    for tag in _HIDDEN:
        if f"<{tag}" in lower:
            html = _cut(html, f"<{tag}", f"</{tag}")
            lower = html.lower()
    return html


def _cut(html: str, opening: str, closing: str) -> str:
    lower = html.lower()
    if len(lower) != len(html):  # a few letters change length in lower case
        html = lower
    out: list[str] = []
    position = 0
    while (start := lower.find(opening, position)) >= 0:
        after = lower[start + len(opening) : start + len(opening) + 1]
        if opening != "<!--" and after.isalnum():  # <header> is not <head>
            out.append(html[position : start + len(opening)])
            position = start + len(opening)
            continue
        out.append(html[position:start])
        end = lower.find(closing, start + len(opening))
        if end < 0:
            return "".join(out)
        position = end + len(closing)
        if opening != "<!--":
            position = lower.find(">", position) + 1 or len(html)
    out.append(html[position:])
    return "".join(out)


_URL: Final = re.compile(
    r"\b(?:https?://[^\s<>\"'`]{1,2000}|mailto:[^\s<>\"'`?]{3,254}|tel:\+?[0-9().-]{3,30})",
    re.IGNORECASE,
)
_TRAILING: Final = ".,;:!?)]}'"


def plain_to_html(text: str) -> str:
    """Return plain text as HTML: everything escaped, line breaks kept, safe addresses linked."""
    out: list[str] = []
    position = 0
    for found in _URL.finditer(text):
        url = found[0].rstrip(_TRAILING)
        out.append(entities.escape(text[position : found.start()]))
        shown = entities.escape(url)
        out.append(
            f'<a href="{shown}" target="_blank" rel="noopener noreferrer nofollow ugc">{shown}</a>'
        )
        position = found.start() + len(url)
    out.append(entities.escape(text[position:]))
    return "".join(out).replace("\r\n", "\n").replace("\n", "<br>\n")
