"""Names of our own that prove which ticket a mail answers: nobody can guess or change one.

Each name carries an HMAC (RFC 2104, SHA-256 cut to 128 or 80 bits) over what it names, so a
stranger who counts ids, or edits one, proves nothing. Letters are lower-case base32 (RFC 4648)
because mail servers on the way may change the case.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from channels.mail.mime.addresses import normal

_ID_MAC_BYTES: Final = 16
_PLUS_MAC_BYTES: Final = 10
_LOCAL_CHARS_MAX: Final = 64
_ID = re.compile(r"<?cc\.([a-z2-7]{26})\.([a-z2-7]{26})\.([a-z2-7]{26})@[^<>\s@]+>?", re.IGNORECASE)
_PLUS = re.compile(r"[^@\s]+\+([a-z2-7]{26})([a-z2-7]{16})@[^@\s]+", re.IGNORECASE)


def message_id(key: bytes, ticket_id: UUID, message_id: UUID, host: str) -> str:
    """Return the Message-ID of our message, in angle brackets; the same every time."""
    mac = _mac(key, b"message", ticket_id.bytes + message_id.bytes)[:_ID_MAC_BYTES]
    left = ".".join(map(_letters, (ticket_id.bytes, message_id.bytes, mac)))
    return f"<cc.{left}@{host}>"


def plus_address(key: bytes, ticket_id: UUID, address: str) -> str | None:
    """Return `address` with the ticket in it, or None when its local part would grow too long."""
    local, _, domain = address.partition("@")
    mac = _mac(key, b"address", ticket_id.bytes)[:_PLUS_MAC_BYTES]
    local = f"{local}+{_letters(ticket_id.bytes)}{_letters(mac)}"
    return f"{local}@{domain}" if len(local) <= _LOCAL_CHARS_MAX else None


def claimed_ticket(
    key: bytes, references: Iterable[str], recipients: Iterable[str] = ()
) -> UUID | None:
    """Return the ticket that the first provable reference or plus-address names."""
    for reference in references:
        if (proven := _proven_id(key, reference)) is not None:
            return proven[0]
    for recipient in recipients:
        found = _PLUS.fullmatch(normal(recipient))
        if found is None:
            continue
        ticket = _bytes(found[1])
        if hmac.compare_digest(_mac(key, b"address", ticket)[:_PLUS_MAC_BYTES], _bytes(found[2])):
            return UUID(bytes=ticket)
    return None


def claimed_message(key: bytes, references: Iterable[str]) -> UUID | None:
    """Return our message that the first provable reference names."""
    for reference in references:
        if (proven := _proven_id(key, reference)) is not None:
            return proven[1]
    return None


def without_plus(address: str) -> str:
    """Return the address our plus-address was made from; any other address as it is."""
    address = normal(address)
    if not _PLUS.fullmatch(address):
        return address
    local, _, domain = address.partition("@")
    return f"{local.rpartition('+')[0]}@{domain}"


def _proven_id(key: bytes, reference: str) -> tuple[UUID, UUID] | None:
    found = _ID.fullmatch(reference.strip())
    if found is None:
        return None
    ticket, message, mac = (_bytes(part) for part in found.groups())
    expected = _mac(key, b"message", ticket + message)[:_ID_MAC_BYTES]
    if not hmac.compare_digest(expected, mac):
        return None
    return UUID(bytes=ticket), UUID(bytes=message)


def _mac(key: bytes, purpose: bytes, named: bytes) -> bytes:
    return hmac.new(key, b"mail-" + purpose + b"\x00" + named, hashlib.sha256).digest()


def _letters(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").rstrip("=").lower()


def _bytes(letters: str) -> bytes:
    return base64.b32decode(letters.upper() + "=" * (-len(letters) % 8))
