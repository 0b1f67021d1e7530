"""Says what a file is from its bytes, and gives it a name that is safe anywhere."""

import re
import unicodedata
from typing import Final

from kernel.limits import FILE_NAME_CHARS

INLINE_IMAGES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""The only types a browser may ever show from our own origin."""

UNKNOWN: Final = "application/octet-stream"
_HEAD_BYTES: Final = 4096
_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-elf"),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
    (b"{\\rtf", "application/rtf"),
)
_OFFICE: Final = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_MARKUP: Final = re.compile(
    rb"<\s*(!doctype|html|head|body|script|iframe|svg|\?xml|[a-z!])", re.IGNORECASE
)
_BY_NAME: Final = {
    "csv": "text/csv",
    "ics": "text/calendar",
    "vcf": "text/vcard",
    "json": "application/json",
    "eml": "message/rfc822",
}
# What must never stand in a name: controls, path and shell marks, bidi and zero-width tricks.
_BAD: Final = re.compile(
    '[\x00-\x1f\x7f-\x9f/\\\\:*?"<>|\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]'
)
_EXTENSIONS: Final = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "text/plain": "txt",
    "text/html": "html",
    "message/rfc822": "eml",
    "text/calendar": "ics",
    "text/vcard": "vcf",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "video/mp4": "mp4",
    "image/heic": "heic",
}


def media_type(data: bytes, name: str = "") -> str:
    """Return the type `data` really has; the name only tells apart kinds of harmless text."""
    head = data[:_HEAD_BYTES]
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(
            head[8:12], UNKNOWN
        )
    if head[4:8] == b"ftyp":
        return "image/heic" if head[8:12] in {b"heic", b"heix", b"mif1"} else "video/mp4"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(data, head)
    return _text(head, name)


def _archive(data: bytes, head: bytes) -> str:
    if head[30:38] == b"mimetype" and head[38:66].startswith(b"application/vnd.oasis"):
        return "application/vnd.oasis.opendocument"
    if b"[Content_Types].xml" in head:
        listing = data[-16384:]
        for folder, kind in _OFFICE:
            if folder in head or folder in listing:
                return kind
    return "application/zip"


def _text(head: bytes, name: str) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head:
        return UNKNOWN
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1024]
    if found := _MARKUP.match(start):
        if b"<svg" in start.lower():
            return "image/svg+xml"
        return "text/xml" if found[1].lower() == b"?xml" else "text/html"
    if start.startswith(b"BEGIN:VCALENDAR"):
        return "text/calendar"
    if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head):
        return UNKNOWN
    return _BY_NAME.get(name.rpartition(".")[2].lower(), "text/plain")


def named(stem: str, kind: str) -> str:
    """Return a name for a file that came without one, with the ending of its kind."""
    ending = _EXTENSIONS.get(kind)
    return f"{stem}.{ending}" if ending else stem


def safe_name(name: str, kind: str = UNKNOWN) -> str:
    """Return `name` as plain visible text of at most FILE_NAME_CHARS characters, never empty."""
    name = unicodedata.normalize("NFC", name[: FILE_NAME_CHARS * 100])
    name = re.split(r"[/\\]", name)[-1] if re.search(r"[/\\][^/\\]", name) else name
    name = " ".join(_BAD.sub(" ", name).split()).strip(". ")
    if len(name) > FILE_NAME_CHARS:
        stem, dot, extension = name.rpartition(".")
        keep = f".{extension}" if dot and len(extension) <= 12 else ""
        name = (stem if keep else name)[: FILE_NAME_CHARS - len(keep)].rstrip() + keep
    if name:
        return name
    return f"file.{_EXTENSIONS[kind]}" if kind in _EXTENSIONS else "file"
