"""Takes the attachments out of winmail.dat (Microsoft's MS-OXTNEF), bounded and forgiving."""

import struct
from collections.abc import Iterator
from typing import Final

from channels.mail.mime.charsets import decode

_SIGNATURE: Final = 0x223E9F78
_ATTACHMENTS_MAX: Final = 50
_BLOCKS_MAX: Final = 5_000
_LEVEL_ATTACHMENT: Final = 2
_RENDER_DATA: Final = 0x00069002
_TITLE: Final = 0x00018010
_DATA: Final = 0x0006800F
_PROPERTIES: Final = 0x00069005
_LONG_NAME: Final = 0x3707
_UNICODE: Final = 0x001F
_ANSI: Final = 0x001E


def unpacked(data: bytes) -> list[tuple[str, bytes]]:
    """Return `(name, content)` of each attachment; what is broken is left in the file itself."""
    found: list[tuple[str, bytes]] = []
    name, content = "", b""
    for kind, value in _blocks(data):
        if kind == _RENDER_DATA:  # begins the next attachment
            if content:
                found.append((name or "attachment", content))
            name, content = "", b""
        elif kind == _TITLE:
            name = name or decode(value.rstrip(b"\x00"))
        elif kind == _DATA:
            content = value
        elif kind == _PROPERTIES:
            name = _long_name(value) or name
    if content:
        found.append((name or "attachment", content))
    return found[:_ATTACHMENTS_MAX]


def _blocks(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the attachment-level attributes: level, id, length, value, checksum."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        return
    position = 6
    for _ in range(_BLOCKS_MAX):
        if position + 9 > len(data):
            return
        level, kind, length = struct.unpack_from("<BII", data, position)
        start, end = position + 9, position + 9 + length
        if end + 2 > len(data):
            return
        if level == _LEVEL_ATTACHMENT:
            yield kind, data[start:end]
        position = end + 2


def _long_name(value: bytes) -> str:
    """Find PidTagAttachLongFilename in the property list without reading all its types."""
    for kind, codec in ((_UNICODE, "utf-16-le"), (_ANSI, "")):
        at = value.find(struct.pack("<HH", kind, _LONG_NAME))
        if at < 0 or at + 12 > len(value):
            continue
        length = struct.unpack_from("<I", value, at + 8)[0]
        text = value[at + 12 : at + 12 + min(length, 2_048)]
        return (
            decode(text, codec).rstrip("\x00")
            if codec == ""
            else text.decode(codec, "replace").rstrip("\x00")
        )
    return ""
