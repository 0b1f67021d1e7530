"""Mails as a shop's mailbox gets them: three languages, plain, HTML with text, and with files."""

import struct
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Final

from bench.ground.words import Writer

TO: Final = "help@wonder.example"
_START: Final = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
_KINDS: Final = ("plain", "html", "files")
_SHARES: Final = (40, 40, 20)
_SMALLEST_FILE: Final = 30_000
_LARGEST_FILE: Final = 200_000
_STYLE: Final = "font-family:Arial,sans-serif;font-size:14px;color:#222222;line-height:1.5"


def make_mails(count: int, seed: int = 7) -> list[bytes]:
    """Return `count` raw mails: 40 % plain, 40 % HTML and text, 20 % with one or two files.

    A third of them answer something and quote it; every fifth sender writes again.
    """
    writer = Writer(seed)
    return [_mail(writer, number) for number in range(count)]


def _mail(writer: Writer, number: int) -> bytes:
    language = writer.language()
    (kind,) = writer.dice.choices(_KINDS, _SHARES)
    mail = _addressed(writer, number, language)
    paragraphs = writer.paragraphs(language, writer.dice.randint(2, 6))
    quoted = writer.paragraphs(language, 2) if writer.dice.random() < 1 / 3 else []
    mail.set_content("\n\n".join([*paragraphs, *_quotation(quoted)]), cte="quoted-printable")
    if kind != "plain":
        mail.add_alternative(_page(writer, paragraphs, quoted), subtype="html")
    if kind == "files":
        _attach(mail, writer)
    return _received(writer, number) + mail.as_bytes()


def _addressed(writer: Writer, number: int, language: str) -> EmailMessage:
    mail = EmailMessage()
    sender = number if number % 5 else number // 2
    mail["From"] = formataddr((writer.name(language), f"client{sender}@mail.example"))
    mail["To"] = TO
    mail["Subject"] = writer.subject(language)
    mail["Date"] = format_datetime(_START + timedelta(seconds=number))
    mail["Message-ID"] = f"<{writer.dice.getrandbits(64):016x}.{number}@mail.example>"
    mail["X-Mailer"] = "Example Mail 5.1"
    return mail


def _quotation(quoted: list[str]) -> list[str]:
    if not quoted:
        return []
    return ["On Mon, 5 Jan 2026 at 08:00, Wonder Shop <help@wonder.example> wrote:"] + [
        f"> {line}" for line in quoted
    ]


def _page(writer: Writer, paragraphs: list[str], quoted: list[str]) -> str:
    said = "".join(f'<p class="line" style="{_STYLE}">{one}</p>\n' for one in paragraphs)
    rows = "".join(
        f'<tr><td style="padding:4px">{writer.dice.randint(1, 9)} ×</td>'
        f'<td style="padding:4px"><b>{writer.dice.randint(10, 999)}.00</b></td></tr>\n'
        for _ in range(6)
    )
    old = "".join(f"<p>{one}</p>" for one in quoted)
    quote = f'<blockquote style="margin:0 0 0 8px">{old}</blockquote>' if quoted else ""
    return (
        "<html><head><style>p.line{margin:0 0 8px 0} td{border:1px solid #ccc}</style></head>"
        f'<body><div dir="ltr">{said}<table cellpadding="0" border="0">{rows}</table>'
        f'<a href="https://shop.example/orders/{writer.dice.randint(1, 99999)}">order</a>'
        f'<img src="https://shop.example/logo.png" width="120" height="40">{quote}</div>'
        "</body></html>"
    )


def _attach(mail: EmailMessage, writer: Writer) -> None:
    for place in range(writer.dice.randint(1, 2)):
        data = writer.dice.randbytes(writer.dice.randint(_SMALLEST_FILE, _LARGEST_FILE))
        if place:
            head = b"%PDF-1.7\n%"
            mail.add_attachment(head + data, "application", "pdf", filename="invoice.pdf")
        else:
            head = b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"JFIF\x00\x01\x01"
            mail.add_attachment(head + data, "image", "jpeg", filename="photo.jpg")


def _received(writer: Writer, number: int) -> bytes:
    """What three servers on the way write in front."""
    when = format_datetime(_START + timedelta(seconds=number))
    hops = (
        f"Received: from mx{hop}.mail.example (mx{hop}.mail.example [203.0.113.{hop + 1}])\n"
        f"\tby mx{hop + 1}.wonder.example (Postfix) with ESMTPS id"
        f" {writer.dice.getrandbits(40):010X}\n\tfor <{TO}>; {when}\n"
        for hop in range(3)
    )
    return "".join(("Return-Path: <client@mail.example>\n", *hops)).encode("ascii")
