"""The one way user bytes leave: inert, typed by what they are, never as a page of ours."""

from urllib.parse import quote

from aiohttp import web

INLINE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:"


def attachment_response(
    data: bytes, *, name: str, media_type: str, may_inline: bool = False
) -> web.Response:
    """Answer with the bytes: shown only when a sniffed raster image, else offered for saving."""
    inline = may_inline and media_type in INLINE_TYPES
    how = "inline" if inline else "attachment"
    return web.Response(
        body=data,
        headers={
            "Content-Type": media_type if inline else "application/octet-stream",
            "Content-Disposition": f"{how}; filename*=UTF-8''{quote(clean_name(name), safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": SANDBOX,
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, no-store",
        },
    )


def audio_response(data: bytes, *, name: str) -> web.Response:
    """Answer with a recording: played in the page, when it is the WAV or MP3 it is kept as."""
    kind = "audio/wav" if data[:4] == b"RIFF" else "audio/mpeg" if data[:3] == b"ID3" else ""
    shown = attachment_response(data, name=name, media_type="application/octet-stream")
    if kind:
        shown.headers["Content-Type"] = kind
    return shown


def clean_name(name: str) -> str:
    """Drop what could end a header, leave a folder, or turn a name around."""
    kept = "".join(letter for letter in name if letter.isprintable() and letter not in '/\\"')
    return kept.strip(" .") or "file"
