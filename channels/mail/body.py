"""Chooses what of a mail's parts is its words and what are its files."""

import re
from typing import Final, TypedDict

from msgspec import Struct, field

from channels.mail.mime.charsets import decode
from channels.mail.mime.headers import decoded, parameters, read_headers
from channels.mail.mime.parts import Part
from channels.mail.mime.tnef import unpacked
from kernel.html import plain_to_html, sanitise, to_text
from kernel.limits import HTML_BYTES, TEXT_CHARS
from kernel.sniff import INLINE_IMAGES, media_type, safe_name

_WORDS_COMPARED_CHARS: Final = 20_000
_CHARSET_BYTES_PER_CHAR: Final = 4
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE
)
_WORD = re.compile(r"\w{4,}")
_LINKS = re.compile(r"https?://\S+")


class File(TypedDict):
    name: str
    media_type: str
    data: bytes
    content_id: str | None
    inline: bool


class Words(Struct):
    """One stretch of the body in the forms its sender gave."""

    text: str | None = None
    html: str | None = None


class Reading(Struct):
    text: str
    html: str | None
    warnings: list[str]


class Body(Struct):
    """What was found in the tree, in the order of the mail."""

    words: list[Words] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    leaves: list[Part] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def reading(self) -> Reading:
        """Return the whole body as text, and as safe HTML when any of it was HTML."""
        warnings: list[str] = []
        texts: list[str] = []
        pages: list[str] = []
        for words in self.words:
            page = sanitise(words.html) if words.html is not None else None
            if page is not None and page.truncated:
                warnings.append("html_simplified")
            shown = to_text(words.html) if words.html is not None else ""
            own = words.text if words.text is not None and words.text.strip() else None
            if own is not None and shown and _differ(own, shown):
                warnings.append("text_and_html_differ")
            texts.append(own if own is not None else shown)
            pages.append(page.html if page is not None else plain_to_html(words.text or ""))
        text = "\n\n".join(one.strip("\n") for one in texts if one.strip())
        if len(text) > TEXT_CHARS:
            warnings.append("text_cut")
        has_page = any(words.html is not None for words in self.words)
        html = "\n<hr>\n".join(one for one in pages if one) if has_page else None
        return Reading(text[:TEXT_CHARS], html, warnings)


def read_body(root: Part) -> Body:
    body = Body()
    _walk(root, body, None)
    return body


def _walk(part: Part, body: Body, words: Words | None) -> None:
    """Visit the tree in order; `words` is open while inside multipart/alternative."""
    if part.children:
        if part.kind == "multipart/alternative" and words is None:
            words = Words()
            body.words.append(words)
        for child in part.children:
            _walk(child, body, words)
        return
    body.leaves.append(part)
    if part.kind.startswith("multipart/"):
        part.kind = "text/plain"  # a multipart without parts is still worth reading
    disposition, names = parameters(part.headers.source("content-disposition"))
    name = names.get("filename") or part.params.get("name") or ""
    if _is_words(part, disposition, name, first=not body.words):
        _add_words(part, body, words)
    elif part.kind not in {"message/delivery-status", "text/rfc822-headers"}:
        _add_file(part, body, disposition, name)


def _is_words(part: Part, disposition: str, name: str, *, first: bool) -> bool:
    if part.kind not in {"text/plain", "text/html"} or disposition == "attachment":
        return False
    return not name or (first and not disposition)  # some programs name even the body


def _add_words(part: Part, body: Body, open_words: Words | None) -> None:
    """Inside an alternative all text is one form, all HTML the other; else each stands alone."""
    words = open_words
    if words is None:
        words = Words()
        body.words.append(words)
    if part.kind == "text/html":
        words.html = _html(part) if words.html is None else f"{words.html}<br>{_html(part)}"
    else:
        words.text = _text(part) if words.text is None else f"{words.text}\n\n{_text(part)}"


def _text(part: Part) -> str:
    data = part.data()[: TEXT_CHARS * _CHARSET_BYTES_PER_CHAR]
    text = decode(data, part.params.get("charset", "")).replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROLS.sub("", text)
    if part.params.get("format", "").lower() == "flowed":
        text = unflowed(text, delete_space=part.params.get("delsp", "").lower() == "yes")
    return text


def _html(part: Part) -> str:
    data = part.data()
    declared = part.params.get("charset", "")
    if not declared and (found := _META_CHARSET.search(data[:4096])):
        declared = found[1].decode("ascii")
    return decode(data[: HTML_BYTES * _CHARSET_BYTES_PER_CHAR], declared).replace("\x00", "")


def unflowed(text: str, *, delete_space: bool = False) -> str:
    """Join the soft line breaks of format=flowed (RFC 3676, section 4.1)."""
    out: list[str] = []
    soft_depth = -1
    for line in text.split("\n"):
        rest = line.lstrip(">")
        depth = len(line) - len(rest)
        rest = rest.removeprefix(" ")
        flows = rest.endswith(" ") and rest != "-- "
        content = rest[:-1] if flows and delete_space else rest
        if soft_depth == depth and rest != "-- ":
            out[-1] += content
        else:
            out.append(f"{'>' * depth} {content}" if depth else content)
        soft_depth = depth if flows else -1
    return "\n".join(out)


def _add_file(part: Part, body: Body, disposition: str, name: str) -> None:
    data = part.data()
    name = decoded(name)
    content_id = part.headers.text("content-id").strip("<> ")[:255] or None
    if part.kind in {"message/rfc822", "message/global"}:
        kind = "message/rfc822"
        subject = read_headers(data[:65536].lstrip())[0].text("subject")
        name = name or f"{subject[:100] or 'message'}.eml"
    else:
        kind = media_type(data, name)
    inline = kind in INLINE_IMAGES and content_id is not None and disposition != "attachment"
    body.files.append(
        File(
            name=safe_name(name, kind),
            media_type=kind,
            data=data,
            content_id=content_id,
            inline=inline,
        )
    )
    if kind == "application/ms-tnef":
        for inner_name, inner in unpacked(data):
            inner_kind = media_type(inner, inner_name)
            body.files.append(
                File(
                    name=safe_name(inner_name, inner_kind),
                    media_type=inner_kind,
                    data=inner,
                    content_id=None,
                    inline=False,
                )
            )


def _differ(text: str, shown: str) -> bool:
    """Tell whether the HTML says much that its plain text does not (a trick on readers)."""
    said = _word_set(text)
    seen = _word_set(shown)
    return len(seen) >= 8 and len(seen - said) * 2 > len(seen)


def _word_set(text: str) -> set[str]:
    return set(_WORD.findall(_LINKS.sub("", text[:_WORDS_COMPARED_CHARS].lower())))
