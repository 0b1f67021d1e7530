"""Cuts a mail into its parts: linear in its size, bounded in depth and number, never raising.

The standard library walks a mail line by line in Python and recurses once per level; this
looks only for the boundaries and gives up (keeping the rest whole) at the limits.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from channels.mail.mime.headers import Headers, from_base64, parameters, read_headers
from kernel.limits import MAIL_DEPTH, MAIL_PARTS

_GUESSED_BOUNDARY = re.compile(rb"(?:\A|\n)--([!-~]{1,70})[ \t]*\r?\n")
_DELIMITER_END = re.compile(rb"(--)?[ \t]{0,200}(?:\r?\n|\Z)")
_NEWLINE: Final = 0x0A
_RETURN: Final = 0x0D
_UU_BEGIN = re.compile(rb"(?:\A|\n)begin [0-7]{3,4} [^\n]*\n")
_UU_LINES_MAX: Final = 2_000_000


@dataclass(slots=True)
class Part:
    """One node of the tree; a leaf keeps its transfer-encoded bytes as they came."""

    headers: Headers
    kind: str
    params: dict[str, str]
    body: bytes = field(repr=False)
    children: list["Part"] = field(default_factory=list)

    def data(self) -> bytes:
        """Return the content with its transfer encoding taken off."""
        return _decoded(self.headers.source("content-transfer-encoding"), self.body)


class Cutter:
    """Cuts one mail; `overflow` says that a limit stopped it and something stayed whole."""

    def __init__(self) -> None:
        self.overflow = False
        self._left = MAIL_PARTS

    def cut(self, raw: bytes, *, default: str = "text/plain", depth: int = 0) -> Part:
        headers, start = read_headers(raw)
        kind, params = parameters(headers.source("content-type"))
        if kind.count("/") != 1 or kind.startswith("/") or kind.endswith("/"):
            kind = "text/plain" if kind or default == "text/plain" else default
        part = Part(headers, kind, params, raw[start:])
        if kind.startswith("multipart/"):
            self._open(part, depth)
        return part

    def _open(self, part: Part, depth: int) -> None:
        if depth >= MAIL_DEPTH:
            self.overflow = True
            return
        boundary = part.params.get("boundary", "").encode("utf-8", "replace").rstrip()
        pieces = self._split(part.body, boundary) if boundary else []
        if not pieces and (guessed := _GUESSED_BOUNDARY.search(part.body)):
            pieces = self._split(part.body, guessed[1])
        default = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
        part.children = [self.cut(piece, default=default, depth=depth + 1) for piece in pieces]

    def _split(self, body: bytes, boundary: bytes) -> list[bytes]:
        """Return what stands between the delimiter lines (RFC 2046, section 5.1.1)."""
        mark = b"--" + boundary[:200]
        pieces: list[bytes] = []
        start = -1
        for begin, end, closing in _delimiters(body, mark):
            if start >= 0:
                pieces.append(body[start:begin])
                self._left -= 1
            start = end
            if closing:
                return pieces
            if self._left <= 0:
                self.overflow = True
                return pieces
        if start >= 0:  # the closing delimiter never came
            pieces.append(body[start:])
        return pieces


def _delimiters(body: bytes, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    """Yield where each delimiter line begins (with the line end before it) and ends."""
    at = body.find(mark)
    while at >= 0:
        after = _DELIMITER_END.match(body, at + len(mark))
        if after is not None and (at == 0 or body[at - 1] == _NEWLINE):
            begin = max(at - 1, 0)
            if begin and body[begin - 1] == _RETURN:
                begin -= 1
            yield begin, after.end(), after[1] is not None
        at = body.find(mark, at + len(mark))


def _decoded(encoding: str, body: bytes) -> bytes:
    match encoding.strip().strip("\"'").lower():
        case "base64":
            return from_base64(body)
        case "quoted-printable":
            return binascii.a2b_qp(body)
        case "x-uuencode" | "uuencode" | "uue" | "x-uue":
            return _from_uu(body)
    return body


def _from_uu(body: bytes) -> bytes:
    begin = _UU_BEGIN.search(body)
    if begin is None:
        return body
    out: list[bytes] = []
    for line in body[begin.end() :].split(b"\n", _UU_LINES_MAX):
        if line.startswith(b"end"):
            break
        try:
            out.append(binascii.a2b_uu(line.rstrip(b"\r")))
        except binascii.Error:
            continue
    return b"".join(out)
