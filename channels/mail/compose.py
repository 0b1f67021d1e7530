"""Writes an outgoing message as a mail; nothing in it can start a header of its own."""

import base64
import re
from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from msgspec import Struct

from channels.envelope import Outbound, OutboundFile, Party
from channels.errors import MessageRejectedError
from channels.mail.account import MailSettings
from channels.mail.automatic import LOOP_HEADER
from channels.mail.mime.addresses import is_address, normal
from channels.mail.mime.writing import file_part, multipart, text_part
from channels.mail.threads import message_id, plus_address
from kernel.html import to_text
from kernel.limits import NAME_CHARS, SUBJECT_CHARS
from kernel.sniff import UNKNOWN, safe_name

_REFERENCES_SENT: Final = 30
_WORD_BYTES: Final = 42
"""So many UTF-8 bytes keep an encoded word below its 75 characters (RFC 2047, section 2)."""
_HEADER_CHARS: Final = 900
_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_TYPE = re.compile(r"(application|audio|font|image|text|video)/([a-z0-9][a-z0-9.+-]{0,60})")
_CONTENT_ID = re.compile(r"[A-Za-z0-9._%+@-]{1,200}")
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_DATA_CID = re.compile(r'<img([^<>]*) data-cid="([^"<>]*)"')
_PAGE: Final = '<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>{}</body></html>'


class ComposedMail(Struct, frozen=True, kw_only=True):
    """What goes over the wire: the envelope's addresses and the bytes."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    message_id: str


def compose(
    message: Outbound, settings: MailSettings, *, key: bytes, host: str, now: datetime
) -> ComposedMail:
    """Return the mail; the same message has the same Message-ID on every attempt.

    Raises MessageRejectedError when a recipient is no mail address.
    """
    to = _distinct((message.recipient, *message.to))
    copied = _distinct(message.cc, without={normal(one.handle) for one in to})
    own_id = message_id(key, message.ticket_id, message.key, _host(host, settings.address))
    sender = _wire(settings.address)
    lines = [
        f"From: {_mailbox(Party(handle=settings.address, name=_from_name(message, settings)))}",
        f"To: {_mailboxes(to)}",
        *([f"Cc: {_mailboxes(copied)}"] if copied else []),
        *_reply_to(message, settings, key),
        f"Subject: {_text(message.subject or '', SUBJECT_CHARS)}",
        f"Date: {format_datetime(now)}",
        f"Message-ID: {own_id}",
        *_threading(message),
        *_automatic(message, own_id),
    ]
    head = "".join(f"{line}\r\n" for line in lines).encode("utf-8")
    recipients = tuple(_wire(one.handle) for one in (*to, *copied))
    data = head + _body(message)
    return ComposedMail(sender=sender, recipients=recipients, data=data, message_id=own_id)


def _host(host: str, address: str) -> str:
    return (
        host if re.fullmatch(r"[A-Za-z0-9.-]{1,253}", host) else _wire(address).rpartition("@")[2]
    )


def _from_name(message: Outbound, settings: MailSettings) -> str:
    if message.author_name and settings.display_name:
        return f"{message.author_name} ({settings.display_name})"
    return message.author_name or settings.display_name


def _reply_to(message: Outbound, settings: MailSettings, key: bytes) -> list[str]:
    if not settings.plus_addressing:
        return []
    address = plus_address(key, message.ticket_id, settings.address)
    if address is None:
        return []
    return [f"Reply-To: {_mailbox(Party(handle=address, name=settings.display_name))}"]


def _threading(message: Outbound) -> list[str]:
    answered = message.in_reply_to if _is_id(message.in_reply_to) else None
    known = [one for one in dict.fromkeys(message.references) if _is_id(one) and one != answered]
    if answered:
        known.append(answered)
    if len(known) > _REFERENCES_SENT:
        known = [known[0], *known[1 - _REFERENCES_SENT :]]
    lines = [f"In-Reply-To: {answered}"] if answered else []
    return [*lines, "References: " + "\r\n ".join(known)] if known else lines


def _is_id(value: str | None) -> bool:
    return value is not None and _ID.fullmatch(value) is not None


def _automatic(message: Outbound, own_id: str) -> list[str]:
    """Say that nobody wrote this, so that nobody's machine answers it (RFC 3834, section 3.1.7)."""
    if not message.automatic:
        return []
    return [
        "Auto-Submitted: auto-replied",
        "X-Auto-Response-Suppress: All",
        f"{LOOP_HEADER}: {own_id}",
    ]


def _distinct(parties: Iterable[Party], without: Iterable[str] = ()) -> list[Party]:
    seen = set(without)
    found: list[Party] = []
    for party in parties:
        if not is_address(party.handle):
            raise MessageRejectedError(f"{party.handle[:100]!r} is not a mail address")
        if normal(party.handle) not in seen:
            seen.add(normal(party.handle))
            found.append(party)
    return found


def _wire(address: str) -> str:
    """Write an international domain in ASCII: then only the local part may need SMTPUTF8."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        raise MessageRejectedError(f"{address[:100]!r} is not a mail address") from error


def _mailboxes(parties: Iterable[Party]) -> str:
    return ",\r\n ".join(map(_mailbox, parties))


def _mailbox(party: Party) -> str:
    name = _plain(party.name, NAME_CHARS * 2)
    address = _wire(party.handle)
    if not name:
        return address
    if not name.isascii() or "=?" in name:
        return f"{_encoded(name)}\r\n <{address}>"
    if _ATOMS.fullmatch(name):
        return f"{name} <{address}>"
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{address}>'


def _text(value: str, limit: int) -> str:
    """Return free text for a header: as it is when harmless, else as encoded words."""
    value = _plain(value, limit)
    harmless = value.isascii() and "=?" not in value and len(value) < _HEADER_CHARS
    return value if harmless else _encoded(value)


def _plain(value: str, limit: int) -> str:
    return " ".join(_BREAKS.sub(" ", value).split())[:limit]


def _encoded(value: str) -> str:
    words: list[str] = []
    held = b""
    for sign in value:
        data = sign.encode("utf-8", "replace")
        if len(held) + len(data) > _WORD_BYTES:
            words.append(_word(held))
            held = b""
        held += data
    words.append(_word(held))
    return "\r\n ".join(words)


def _word(data: bytes) -> str:
    return f"=?utf-8?B?{base64.b64encode(data).decode('ascii')}?="


def _body(message: Outbound) -> bytes:
    """Return the body with its headers: text, its page with pictures, and files, as needed."""
    shown = {one.content_id: one for one in message.files if _is_shown(one, message.html)}
    body = text_part("text/plain", message.text or to_text(message.html or ""))
    if message.html is not None:
        page = text_part("text/html", _PAGE.format(_with_cids(message.html, shown.keys())))
        if shown:
            pictures = [_file(one, name) for name, one in shown.items()]
            page = multipart("related", [page, *pictures], _boundary(message, "r"))
        body = multipart("alternative", [body, page + b"\r\n"], _boundary(message, "a"))
    others = [_file(one) for one in message.files if shown.get(one.content_id) is not one]
    if others:
        body = multipart("mixed", [body + b"\r\n", *others], _boundary(message, "m"))
    return b"MIME-Version: 1.0\r\n" + body


def _boundary(message: Outbound, level: str) -> str:
    return f"=_{level}_{message.key.hex}"


def _file(one: OutboundFile, content_id: str | None = None) -> bytes:
    return file_part(
        _media_type(one), one.data, safe_name(one.name, one.media_type), content_id=content_id
    )


def _is_shown(one: OutboundFile, html: str | None) -> bool:
    if html is None or one.content_id is None or not _CONTENT_ID.fullmatch(one.content_id):
        return False
    return f'"cid:{one.content_id}"' in html or f'data-cid="{one.content_id}"' in html


def _with_cids(html: str, names: Iterable[str | None]) -> str:
    """Point the images that travel with the mail to their parts again."""
    known = set(names)

    def image(found: re.Match[str]) -> str:
        return f'<img{found[1]} src="cid:{found[2]}"' if found[2] in known else found[0]

    return _DATA_CID.sub(image, html)


def _media_type(one: OutboundFile) -> str:
    kind = one.media_type.lower()
    return kind if _TYPE.fullmatch(kind) else UNKNOWN
