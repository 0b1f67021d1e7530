"""Reads mail headers: the block, encoded words (RFC 2047) and parameters (RFC 2045, RFC 2231)."""

import binascii
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote_to_bytes

from channels.mail.mime.charsets import decode
from kernel.limits import MAIL_HEADER_BLOCK_BYTES, MAIL_HEADER_BYTES

_HEADERS_MAX: Final = 1_000
_LINE = re.compile(rb"\r?\n")
_NAME = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[ \t]*")
_BLANK = re.compile(rb"(?:\A|\n)\r?\n")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\s]*)\?=")
_BETWEEN = re.compile(r"(\?=)[ \t\r\n]+(?==\?)")
_PARAMETER = re.compile(r""";\s*([^=;\s"]{1,100})\s*=\s*("(?:[^"\\]|\\.)*"|[^;"]*)""", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# Controls, line and paragraph separators, bidi overrides and isolates, zero-width marks.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
_SPACES = re.compile(r"\s+")


class Headers:
    """The headers of one part, by lower-case name, in order; values are raw until asked."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, list[bytes]]) -> None:
        self._fields = fields

    def raw(self, name: str) -> bytes:
        """Return the first value as bytes, unfolded; empty when there is none."""
        found = self._fields.get(name)
        return found[0] if found else b""

    def all_raw(self, name: str) -> list[bytes]:
        return self._fields.get(name, [])

    def source(self, name: str) -> str:
        """Return the first value with 8-bit bytes decoded but encoded words left alone."""
        return as_source(self.raw(name))

    def text(self, name: str) -> str:
        """Return the first value decoded, on one line, without control characters."""
        return decoded(self.source(name))

    def __contains__(self, name: str) -> bool:
        return name in self._fields


def read_headers(raw: bytes) -> tuple[Headers, int]:
    """Return the headers of `raw` and where its body begins.

    A line that is no header ends the block, as it does for mail servers, so that what they
    vouched for and what we read are the same headers.
    """
    end, body = _block(raw)
    fields: dict[str, list[bytes]] = {}
    values: list[bytes] | None = None
    position = count = 0
    for line in _LINE.split(raw[: min(end, MAIL_HEADER_BLOCK_BYTES)]):
        start, position = position, position + len(line)
        position += 2 if raw[position : position + 2] == b"\r\n" else 1
        if line[:1] in {b" ", b"\t"} and values is not None:
            if len(values[-1]) < MAIL_HEADER_BYTES:
                values[-1] += b" " + line.strip()[:MAIL_HEADER_BYTES]
            continue
        found = _NAME.match(line)
        if found is None:
            if start == 0 and line.startswith((b"From ", b">From ")):
                continue  # the separator of an mbox file
            return Headers(fields), start if line else body
        count += 1
        if count > _HEADERS_MAX:
            break
        values = fields.setdefault(found[1].decode("ascii").lower(), [])
        values.append(line[found.end() :].rstrip()[:MAIL_HEADER_BYTES])
    return Headers(fields), body


def _block(raw: bytes) -> tuple[int, int]:
    blank = _BLANK.search(raw)
    return (blank.start(), blank.end()) if blank else (len(raw), len(raw))


def as_source(raw: bytes) -> str:
    return raw.decode("ascii") if raw.isascii() else decode(raw, "utf-8")


def decoded(source: str) -> str:
    """Return a header's value as people read it: one line, no control characters."""
    if "=?" in source:
        source = _words(source)
    return _SPACES.sub(" ", _UNSEEN.sub(" ", source)).strip()


def _words(source: str) -> str:
    """Decode encoded words; neighbours in one alphabet are joined first (split characters)."""
    source = _BETWEEN.sub(r"\1", source)
    out: list[str] = []
    held, held_charset, position = b"", "", 0
    for word in _WORD.finditer(source):
        charset = word[1].partition("*")[0].lower()
        if held and (word.start() != position or charset != held_charset):
            out.append(decode(held, held_charset))
            held = b""
        out.append(source[position : word.start()])
        held, held_charset, position = held + _word(word), charset, word.end()
    if held:
        out.append(decode(held, held_charset))
    return "".join(out) + source[position:]


def _word(word: re.Match[str]) -> bytes:
    data = word[3].encode("utf-8", "replace")
    if word[2] in "qQ":
        return binascii.a2b_qp(data, header=True)
    return from_base64(data)


def from_base64(data: bytes) -> bytes:
    """Decode base64, forgiving what real mails do: stray characters, missing or early padding."""
    try:
        return binascii.a2b_base64(data + b"===")
    except binascii.Error:
        kept = re.sub(rb"[^A-Za-z0-9+/]+", b"", data)
        return binascii.a2b_base64(kept[: len(kept) // 4 * 4])


def parameters(source: str) -> tuple[str, dict[str, str]]:
    """Split `text/plain; charset=x; name*0*=y` into its value and decoded parameters."""
    value = source.partition(";")[0].strip().lower()
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for found in _PARAMETER.finditer(source, len(source.partition(";")[0])):
        name, text = found[1].lower(), _unquoted(found[2].strip())
        if "*" not in name:
            plain.setdefault(name, text)
            continue
        base, _, rest = name.partition("*")
        number = rest.rstrip("*")
        order = int(number) if number.isdecimal() and len(number) < 4 else 0
        pieces.setdefault(base, []).append((order, rest.endswith("*") or not rest, text))
    for base, parts in pieces.items():
        plain[base] = _joined(parts)
    return value, plain


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _ESCAPED.sub(r"\1", text[1:-1])
    return text


def _joined(parts: list[tuple[int, bool, str]]) -> str:
    """Put the numbered pieces of one parameter together (RFC 2231, section 3 and 4)."""
    parts.sort(key=lambda part: part[0])
    charset = ""
    if parts[0][1] and parts[0][2].count("'") >= 2:
        charset, _, text = parts[0][2].split("'", 2)
        parts[0] = (parts[0][0], True, text)
    data = b"".join(
        unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
        for _, encoded, text in parts
    )
    return decode(data, charset or "utf-8")
