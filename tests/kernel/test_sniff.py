"""What a file is comes from its bytes, and its name is safe wherever it is shown or stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.limits import FILE_NAME_CHARS
from kernel.sniff import INLINE_IMAGES, media_type, safe_name

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (PNG + b"x", "a.html", "image/png"),
        (b"\xff\xd8\xff\xe0x", "a.svg", "image/jpeg"),
        (b"GIF89a/*<script>*/", "a.js", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", "a.webp", "audio/wav"),
        (b"<svg onload=alert(1)>", "a.png", "image/svg+xml"),
        (b"\xef\xbb\xbf <svg xmlns='x'>", "a.png", "image/svg+xml"),
        (b"<?xml version='1.0'?><svg/>", "a.png", "image/svg+xml"),
        (b"<?xml version='1.0'?><x/>", "a.png", "text/xml"),
        (b"<html><script>", "a.txt", "text/html"),
        (b"\n\n <!DOCTYPE html>", "a.png", "text/html"),
        (b"\xef\xbb\xbf<script>alert(1)</script>", "a.txt", "text/html"),
        (b"< script>", "a.png", "text/html"),
        ("<html>".encode("utf-16"), "a.html", "application/octet-stream"),
        ("<html>".encode("utf-16-le"), "a.html", "application/octet-stream"),
        (b"+ADw-script+AD4-", "a.html", "text/plain"),
        (b"hello", "a.png", "text/plain"),
        (b"hello", "a.svg", "text/plain"),
        (b"hello", "a.html", "text/plain"),
        (b"a,b\n1,2", "a.csv", "text/csv"),
        (b"BEGIN:VCALENDAR", "a.html", "text/calendar"),
        (b"%PDF-1.7", "a.png", "application/pdf"),
        (b"PK\x03\x04" + b"\x00" * 30, "a.png", "application/zip"),
        (b"MZ\x90\x00", "invoice.pdf", "application/x-msdownload"),
        (b"\x00\x01\x02", "a.txt", "application/octet-stream"),
        (b"", "a.png", "text/plain"),
    ],
)
def test_the_type_comes_from_the_bytes(data: bytes, name: str, kind: str) -> None:
    assert media_type(data, name) == kind


@given(st.binary(max_size=200), st.text(max_size=20))
def test_only_real_pictures_may_be_shown_inline(data: bytes, name: str) -> None:
    kind = media_type(data, name)

    assert kind not in INLINE_IMAGES or data[:3] in {b"\x89PN", b"\xff\xd8\xff", b"GIF", b"RIF"}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("рахунок за січень.pdf", "рахунок за січень.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\a.doc", "a.doc"),
        ("a\r\nSet-Cookie: x=y.png", "a Set-Cookie x=y.png"),
        ("invoice\u202egnp.exe", "invoice gnp.exe"),
        ("a\x00b.png", "a b.png"),
        ("...", "file"),
        ("", "file"),
        ("a/", "a"),
        ("x" * 400 + ".pdf", "x" * (FILE_NAME_CHARS - 4) + ".pdf"),
        ('"><svg onload=1>.png', "svg onload=1 .png"),
    ],
)
def test_a_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=300))
def test_every_safe_name_is_short_visible_and_stays_itself(name: str) -> None:
    safe = safe_name(name)

    assert 0 < len(safe) <= FILE_NAME_CHARS
    assert not set(safe) & set('/\\\x00\r\n\u202e<>":*?|')
    assert safe_name(safe) == safe


def test_a_nameless_file_is_called_after_its_type() -> None:
    assert safe_name("", "image/png") == "file.png"
    assert safe_name("\u202e", "message/rfc822") == "file.eml"
