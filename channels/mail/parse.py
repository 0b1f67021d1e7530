"""Reads a raw mail into plain values: bounded, linear in its size, pure."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import msgspec

from channels.errors import UnreadableDeliveryError
from channels.mail import quotes
from channels.mail.automatic import automatic
from channels.mail.body import Body, Reading, read_body
from channels.mail.bounces import Bounce, bounce
from channels.mail.mime.addresses import Address, named, normal, sole_sender
from channels.mail.mime.headers import Headers, as_source, decoded
from channels.mail.mime.parts import Cutter, Part
from kernel.limits import (
    MAIL_BYTES,
    MAIL_HEADER_BYTES,
    MAIL_REFERENCES,
    NAME_CHARS,
    SUBJECT_CHARS,
)

CUT_HEADER: Final = "X-Contact-Center-Cut"
"""Put in front of a mail of which only the beginning was fetched; the value is its full size."""

_ID = re.compile(r"<[^<>\s]{1,996}>")
_ROUTE_HEADERS: Final = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
_DATE_CHARS: Final = 100
_SHOWN_ADDRESS = re.compile(r"[^\s<>\"'(]+@[^\s<>\"')]+\.[^\s<>\"')]+")


class ParsedFile(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    media_type: str
    data: bytes
    content_id: str | None = None
    inline: bool = False


class ParsedMail(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a mail says, decoded and clean; nothing in it is proven."""

    sender: Address | None
    """None when readers could disagree on who it is; `sender_shown` is what the header says."""
    sender_shown: str
    subject: str
    sent_at: datetime | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    routed_to: tuple[Address, ...]
    """Where servers on the way say it was delivered; may carry a plus-address."""
    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    text: str
    quoted: str
    html: str | None
    files: tuple[ParsedFile, ...]
    automatic: str | None
    bounce: Bounce | None
    authentication: tuple[str, ...]
    """Authentication-Results as they came, the newest first."""
    warnings: tuple[str, ...]


def parse_mail(raw: bytes) -> ParsedMail:
    """Return what the mail says; raises UnreadableDeliveryError when there is nothing to show."""
    if not raw.strip():
        raise UnreadableDeliveryError("the mail is empty")
    if len(raw) > MAIL_BYTES:
        raise UnreadableDeliveryError(f"the mail is larger than {MAIL_BYTES // 2**20} MB")
    if b"\n" not in raw[:MAIL_HEADER_BYTES] and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    cutter = Cutter()
    root = cutter.cut(raw)
    body = read_body(root)
    if cutter.overflow:
        body.warnings.append("too_complex")
    return _mail(raw, root, body)


def _mail(raw: bytes, root: Part, body: Body) -> ParsedMail:
    headers = root.headers
    subject = headers.text("subject")[:SUBJECT_CHARS]
    sender = sole_sender(headers.all_raw("from"))
    reply_to = named(headers.all_raw("reply-to"))
    address = sender.address if sender else ""
    reading = body.reading()
    new, quoted = quotes.split(reading.text)
    return ParsedMail(
        sender=_named(sender),
        sender_shown=decoded(as_source(b", ".join(headers.all_raw("from")[:3])))[:NAME_CHARS],
        subject=subject,
        sent_at=_date(headers),
        to=named(headers.all_raw("to")),
        cc=named(headers.all_raw("cc")),
        reply_to=reply_to,
        routed_to=named([value for name in _ROUTE_HEADERS for value in headers.all_raw(name)]),
        message_id=next(iter(_ids(headers, "message-id")), None),
        in_reply_to=_ids(headers, "in-reply-to"),
        references=_ids(headers, "references"),
        text=new,
        quoted=quoted,
        html=reading.html,
        files=tuple(ParsedFile(**one) for one in body.files),
        automatic=automatic(headers, subject, address, kind=root.kind),
        bounce=bounce(raw, root, body.leaves, address),
        authentication=tuple(
            as_source(one) for one in headers.all_raw("authentication-results")[:10]
        ),
        warnings=_warnings(headers, sender, reply_to, body, reading),
    )


def _named(sender: Address | None) -> Address | None:
    return Address(sender.address, sender.name[:NAME_CHARS]) if sender else None


def _ids(headers: Headers, name: str) -> tuple[str, ...]:
    """Return message ids, each once; of too many, the oldest one and the newest ones."""
    # Some programs encode long ids as words, against RFC 2047, section 5.
    found = tuple(dict.fromkeys(_ID.findall(headers.text(name))))
    if len(found) > MAIL_REFERENCES:
        found = (found[0], *found[1 - MAIL_REFERENCES :])
    return found


def _date(headers: Headers) -> datetime | None:
    value = headers.source("date")[:_DATE_CHARS]
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _warnings(
    headers: Headers,
    sender: Address | None,
    reply_to: tuple[Address, ...],
    body: Body,
    reading: Reading,
) -> tuple[str, ...]:
    """Name what the reader should know; docs/channels/mail.md explains each word."""
    found = [*body.warnings, *reading.warnings]
    if sender is None:
        found.append("sender_unclear")
    else:
        shown = _SHOWN_ADDRESS.search(sender.name[:NAME_CHARS])
        if shown and normal(shown[0]) != sender.address:
            found.append("name_shows_another_address")
        if any(one.address != sender.address for one in reply_to):
            found.append("reply_to_differs")
    if CUT_HEADER.lower() in headers:
        found.append("mail_cut")
    return tuple(dict.fromkeys(found))
