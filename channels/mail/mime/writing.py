"""Writes the parts of a mail (RFC 2045, RFC 2046, RFC 2183, RFC 2231) at the speed of a copy."""

import binascii
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

_LINE_CHARS: Final = 76
_SAFE_LINE_CHARS: Final = 900
_BLOCK_BYTES: Final = 57 * 1024


def text_part(kind: str, text: str) -> bytes:
    """Return a text part that every server passes on unchanged."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    text = text if text.endswith("\n") else f"{text}\n"
    encoding, body = _encoded(text)
    return _part(
        [f"Content-Type: {kind}; charset=utf-8", f"Content-Transfer-Encoding: {encoding}"], body
    )


def file_part(kind: str, data: bytes, name: str, *, content_id: str | None = None) -> bytes:
    """Return an attachment, or with `content_id` a picture of the page; `name` must be safe."""
    how = "attachment" if content_id is None else "inline"
    lines = [
        f"Content-Type: {kind}",
        "Content-Transfer-Encoding: base64",
        f"Content-Disposition: {how};\r\n {_file_name(name)}",
    ]
    if content_id is not None:
        lines.append(f"Content-ID: <{content_id}>")
    return _part(lines, _base64(data))


def multipart(subtype: str, parts: Sequence[bytes], boundary: str) -> bytes:
    """Join parts; `boundary` must stand in none of them."""
    delimiter = f"--{boundary}\r\n".encode("ascii")
    inner = b"".join(delimiter + part for part in parts)
    return _part(
        [f'Content-Type: multipart/{subtype}; boundary="{boundary}"'],
        inner + f"--{boundary}--\r\n".encode("ascii"),
    )


def _part(lines: Sequence[str], body: bytes) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode("ascii") + b"\r\n" + body


def _encoded(text: str) -> tuple[str, bytes]:
    """Leave plain short lines as they are; choose the shorter encoding for the rest."""
    if text.isascii() and all(len(line) < _SAFE_LINE_CHARS for line in text.split("\n")):
        return "7bit", text.replace("\n", "\r\n").encode("ascii")
    data = text.encode("utf-8", "replace")
    if sum(sign > "\x7f" for sign in text) * 3 > len(text):
        return "base64", _base64(data.replace(b"\n", b"\r\n"))
    return "quoted-printable", binascii.b2a_qp(data, istext=True).replace(b"\n", b"\r\n")


def _base64(data: bytes) -> bytes:
    """Encode in blocks: a whole large file at once would hold up other threads."""
    out: list[bytes] = []
    for start in range(0, len(data), _BLOCK_BYTES):
        letters = binascii.b2a_base64(data[start : start + _BLOCK_BYTES], newline=False)
        lines = [letters[at : at + _LINE_CHARS] for at in range(0, len(letters), _LINE_CHARS)]
        out.append(b"\r\n".join([*lines, b""]))
    return b"".join(out)


def _file_name(name: str) -> str:
    if name.isascii():
        return f'filename="{name}"'
    return f"filename*=utf-8''{quote(name, safe='')}"
