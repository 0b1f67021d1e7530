"""Mails as they really come: broken, strange and hostile, each built from few lines."""

import base64
import struct
import zlib
from collections.abc import Callable

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
HEAD = b"From: Ann <ann@client.example>\r\nTo: support@desk.example\r\nSubject: s\r\n"


def plain(body: bytes, *more: bytes) -> bytes:
    return HEAD + b"".join(line + b"\r\n" for line in more) + b"\r\n" + body


def typed(kind: str, body: bytes, encoding: str = "8bit") -> bytes:
    return plain(
        body, f"Content-Type: {kind}".encode(), f"Content-Transfer-Encoding: {encoding}".encode()
    )


def part(kind: str, body: bytes, *more: str) -> bytes:
    lines = [f"Content-Type: {kind}", *more]
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + body


def multi(subtype: str, *parts: bytes, boundary: str = "b", end: bool = True) -> bytes:
    inner = b"".join(b"--" + boundary.encode() + b"\r\n" + one + b"\r\n" for one in parts)
    close = b"--" + boundary.encode() + b"--\r\n" if end else b""
    return plain(
        inner + close, f'Content-Type: multipart/{subtype}; boundary="{boundary}"'.encode()
    )


def nested(depth: int) -> bytes:
    head = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level)
        for level in range(depth)
    )
    return HEAD + head + b"Content-Type: text/plain\r\n\r\ndeep\r\n"


def attached(name_header: str, data: bytes = b"data") -> bytes:
    return multi(
        "mixed",
        part("text/plain", b"see file"),
        part(
            "application/octet-stream",
            base64.b64encode(data),
            name_header,
            "Content-Transfer-Encoding: base64",
        ),
    )


def tnef(name: str, content: bytes) -> bytes:
    def block(level: int, kind: int, value: bytes) -> bytes:
        checksum = sum(value) & 0xFFFF
        return struct.pack("<BII", level, kind, len(value)) + value + struct.pack("<H", checksum)

    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + block(1, 0x00089006, b"\x00\x00\x01\x00")
        + block(2, 0x00069002, b"\x00" * 14)
        + block(2, 0x00018010, name.encode() + b"\x00")
        + block(2, 0x0006800F, content)
    )


def _winmail() -> bytes:
    return multi(
        "mixed",
        part("text/plain", b"attached"),
        part(
            "application/ms-tnef; name=winmail.dat",
            base64.b64encode(tnef("plan.pdf", b"%PDF-1.7 x")),
            "Content-Transfer-Encoding: base64",
            "Content-Disposition: attachment; filename=winmail.dat",
        ),
    )


UK = "Доброго дня, де моє замовлення?"
RU = "Здравствуйте, где мой заказ?"

CASES: dict[str, Callable[[], bytes]] = {
    # Alphabets.
    "utf-8 said": lambda: typed("text/plain; charset=utf-8", UK.encode()),
    "utf-8 not said": lambda: plain(UK.encode()),
    "cp1251 said": lambda: typed("text/plain; charset=windows-1251", RU.encode("cp1251")),
    "cp1251 not said": lambda: plain(RU.encode("cp1251")),
    "cp1251 called latin1": lambda: typed("text/plain; charset=iso-8859-1", RU.encode("cp1251")),
    "koi8-u said": lambda: typed("text/plain; charset=koi8-u", UK.encode("koi8-u")),
    "koi8-r called ascii": lambda: typed("text/plain; charset=us-ascii", RU.encode("koi8-r")),
    "utf-8 called ascii": lambda: typed("text/plain; charset=us-ascii", UK.encode()),
    "utf-8 called cp1251 badly": lambda: typed("text/plain; charset=utf-8", RU.encode("cp1251")),
    "unknown alphabet": lambda: typed("text/plain; charset=x-klingon", UK.encode()),
    "alphabet of nonsense": lambda: typed("text/plain; charset=\x01\x02", b"hi"),
    "codec that is none": lambda: typed("text/plain; charset=zlib", zlib.compress(b"x" * 99)),
    "rot13": lambda: typed("text/plain; charset=rot13", b"uryyb"),
    "punycode bomb": lambda: typed("text/plain; charset=punycode", b"a-" + b"9" * 50_000),
    "idna": lambda: typed("text/plain; charset=idna", b"xn--a" * 5_000),
    "utf-7": lambda: typed("text/plain; charset=utf-7", b"+BD8EQAQ4- <b>+ADw-script+AD4-"),
    "utf-16": lambda: typed("text/plain; charset=utf-16", UK.encode("utf-16")),
    "iso-2022-jp": lambda: typed("text/plain; charset=iso-2022-jp", "日本".encode("iso-2022-jp")),
    "broken utf-8": lambda: typed("text/plain; charset=utf-8", UK.encode()[:-1] + b"\xff"),
    # Transfer encodings.
    "base64 without padding": lambda: typed("text/plain", b"SGVsbG8", "base64"),
    "base64 with rubbish": lambda: typed("text/plain", b"SGV\x00s!bG8=\r\n--", "base64"),
    "base64 of one letter": lambda: typed("text/plain", b"A", "base64"),
    "base64 twice": lambda: typed("text/plain", b"SGVs\r\nbG8=\r\nSGVsbG8=", "base64"),
    "broken quoted-printable": lambda: typed("text/plain", b"a=3=\xff=ZZ=", "quoted-printable"),
    "uuencode": lambda: typed("text/plain", b"begin 644 a\r\n%:&5L;&\\\r\n`\r\nend", "x-uuencode"),
    "unknown transfer encoding": lambda: typed("text/plain", b"hi", "x-zip"),
    # Structure.
    "no boundary": lambda: plain(b"--x\r\n\r\nhi\r\n--x--", b"Content-Type: multipart/mixed"),
    "no boundary, no parts": lambda: plain(b"hi", b"Content-Type: multipart/mixed"),
    "boundary never seen": lambda: plain(b"hi", b"Content-Type: multipart/mixed; boundary=zz"),
    "never closed": lambda: multi("mixed", part("text/plain", b"hi"), end=False),
    "boundary with spaces": lambda: multi("mixed", part("text/plain", b"hi"), boundary="a b"),
    "boundary of regex": lambda: multi("mixed", part("text/plain", b"hi"), boundary="(a+)+$"),
    "named body": lambda: typed('text/html; name="message.html"', b"<p>hi</p>"),
    "empty multipart": lambda: multi("mixed"),
    "empty body": lambda: plain(b""),
    "headers only": lambda: HEAD,
    "no headers": lambda: b"\r\nhello",
    "no blank line": lambda: b"just some words\r\nand more",
    "bare newlines": lambda: plain(b"hi\nthere").replace(b"\r\n", b"\n"),
    "bare returns": lambda: plain(b"hi").replace(b"\r\n", b"\r"),
    "mbox line": lambda: b"From ann@client.example Mon Jan  5 2026\n" + plain(b"hi"),
    "NUL bytes": lambda: plain(b"a\x00b\x00"),
    "broken header line": lambda: HEAD + b"this is no header\r\nX: y\r\n\r\nhi",
    "content type of nonsense": lambda: plain(b"hi", b"Content-Type: ;;;=;\"'"),
    "two content types": lambda: plain(b"hi", b"Content-Type: text/html", b"Content-Type: x/y"),
    "alternative": lambda: multi(
        "alternative", part("text/plain", b"plain"), part("text/html", b"<b>page</b>")
    ),
    "alternative, empty text": lambda: multi(
        "alternative", part("text/plain", b" \r\n"), part("text/html", b"<p>page</p>")
    ),
    "related picture": lambda: multi(
        "related",
        part("text/html", b'<img src="cid:pic@x">'),
        part("image/png; name=a.png", PNG, "Content-ID: <pic@x>", "Content-Disposition: inline"),
    ),
    "text after file": lambda: multi(
        "mixed", part("text/plain", b"one"), part("image/png", PNG), part("text/plain", b"two")
    ),
    "mail in mail": lambda: multi(
        "mixed",
        part("text/plain", b"see"),
        part("message/rfc822", b"From: evil@x.example\r\nSubject: inner\r\n\r\nin"),
    ),
    "html only": lambda: typed("text/html; charset=utf-8", f"<p>{UK}</p>".encode()),
    "html with meta": lambda: typed(
        "text/html", b"<meta charset=windows-1251><p>" + RU.encode("cp1251")
    ),
    "flowed": lambda: typed("text/plain; format=flowed", b"one \r\ntwo\r\n> q \r\n> r"),
    "winmail.dat": _winmail,
    "winmail.dat broken": lambda: attached(
        "Content-Disposition: attachment; filename=winmail.dat", tnef("x", b"y")[:40]
    ),
    # Names of files.
    "name of RFC 2231": lambda: attached(
        "Content-Disposition: attachment; filename*=UTF-8''%D1%80%D0%B0%D1%85.pdf"
    ),
    "name in pieces": lambda: attached(
        "Content-Disposition: attachment; filename*0*=UTF-8''%D1%80; filename*1*=%D0%B0;"
        ' filename*2=".pdf"'
    ),
    "name of RFC 2047": lambda: attached(
        'Content-Disposition: attachment; filename="=?utf-8?B?0YDQsNGFLnBkZg==?="'
    ),
    "name with path": lambda: attached(
        'Content-Disposition: attachment; filename="../../etc/passwd"'
    ),
    "name with bidi": lambda: attached(
        'Content-Disposition: attachment; filename="invoice\u202egnp.exe"'
    ),
    "name with markup": lambda: attached(
        'Content-Disposition: attachment; filename="\\"><svg onload=1>.png"'
    ),
    "name of 4 KB": lambda: attached(
        f'Content-Disposition: attachment; filename="{"n" * 4096}.pdf"'
    ),
    "name of pieces bomb": lambda: attached(
        "Content-Disposition: attachment; " + "a*0*=x;" * 2_000
    ),
    # Headers.
    "subject raw cp1251": lambda: plain(b"hi", b"Subject: " + RU.encode("cp1251")),
    "subject with CRLF inside": lambda: (
        HEAD.replace(b"Subject: s", b"Subject: =?utf-8?q?a=0D=0ABcc:_evil@x.example?=") + b"\r\nhi"
    ),
    "subject split inside a letter": lambda: (
        HEAD.replace(
            b"Subject: s",
            b"Subject: =?utf-8?B?"
            + base64.b64encode("Пр".encode()[:3])
            + b"?=\r\n =?utf-8?B?"
            + base64.b64encode("Пр".encode()[3:])
            + b"?=",
        )
        + b"\r\nhi"
    ),
    "broken encoded words": lambda: plain(b"hi", b"X: y", b"Subject: =?utf-8?B?!!?= =?x?y?z?="),
    "date of nonsense": lambda: plain(b"hi", b"Date: 99 Foo 99999 99:99:99 +9999999"),
    "To of quotes": lambda: plain(b"hi", b"To: " + b'"' * 20_000),
    "To of brackets": lambda: plain(b"hi", b"To: " + b"<" * 20_000 + b"a@b.example"),
    "From of quotes": lambda: b"From: " + b'"' * 16_000 + b"\r\n\r\nhi",
    "From of escapes": lambda: b"From: " + b'"a\\' * 5_000 + b"\r\n\r\nhi",
    "From of comments": lambda: b"From: " + b"(" * 16_000 + b"\r\n\r\nhi",
    "From of brackets": lambda: b"From: " + b"<" * 16_000 + b"\r\n\r\nhi",
    "From of letters": lambda: b"From: " + b"a" * 16_000 + b" <a@b.example>\r\n\r\nhi",
    "From of at-signs": lambda: b"From: " + b"a@" * 8_000 + b"\r\n\r\nhi",
    "From of spaces": lambda: b"From: a" + b" " * 16_000 + b"b\r\n\r\nhi",
    "From of words": lambda: b"From: " + b"=?utf-8?q?" * 1_600 + b"\r\n\r\nhi",
    "Message-ID of brackets": lambda: plain(b"hi", b"Message-ID: " + b"(" * 50_000),
    "long References": lambda: plain(
        b"hi", b"References: " + b" ".join(b"<%d@x>" % number for number in range(5_000))
    ),
    "one header of a megabyte": lambda: plain(b"hi", b"X: " + b"x" * 1_000_000),
    # Bombs.
    "20,000 empty parts": lambda: multi("mixed", *[b"\r\n"] * 20_000),
    "100,000 empty parts": lambda: multi("mixed", *[b""] * 100_000),
    "nested 25 deep": lambda: nested(25),
    "nested 3,000 deep": lambda: nested(3_000),
    "50,000 Received lines": lambda: b"Received: from a by b; x\r\n" * 50_000 + plain(b"hi"),
    "parameters without end": lambda: plain(b"hi", b"Content-Type: text/plain" + b"; a=b" * 20_000),
    "quoted without end": lambda: plain(b"hi", b'Content-Type: text/plain; a="' + b"\\" * 20_000),
    "html nested deep": lambda: typed("text/html", b"<div>" * 100_000),
    "html of brackets": lambda: typed("text/html", b"<" * 1_000_000),
    "html of entities": lambda: typed("text/html", b"&#a" * 300_000),
    "html of comments": lambda: typed("text/html", b"<!--" * 200_000),
    "html of attributes": lambda: typed("text/html", b"<p " + b"a=b " * 200_000 + b">"),
    "text of quotes": lambda: plain(b"> " * 200_000),
    "text of attributions": lambda: plain(b"On 1\n" * 50_000),
    "text of blank lines": lambda: plain(b" \n" * 200_000 + b"x"),
    "line of a megabyte": lambda: plain(b"On " * 350_000 + b"wrote:"),
    "encoded words without end": lambda: plain(b"hi", b"Subject: " + b"=?utf-8?q?a?= " * 1_000),
    "delivery report of rubbish": lambda: multi(
        "report; report-type=delivery-status",
        part("text/plain", b"x"),
        part("message/delivery-status", b"\xff\r\n\r\nAction: \x00failed"),
    ),
    "delimiters of spaces": lambda: plain(
        b"--b" + b" " * 200_000 + b"x\r\n" * 10, b"Content-Type: multipart/mixed; boundary=b"
    ),
}
