"""Reads what mail servers say about mail we sent: delivery reports and free-form bounces."""

import re
from email import message_from_bytes
from typing import Final

import msgspec

from channels.mail.automatic import is_nobody
from channels.mail.mime.headers import Headers, as_source, decoded, read_headers
from channels.mail.mime.parts import Part

_SCANNED_BYTES: Final = 256 * 1024
_GROUPS_MAX: Final = 50
_IDS_MAX: Final = 20
# Any Message-ID whose left side starts as ours do; the proof inside is checked elsewhere.
_OURS = re.compile(rb"<(cc\.[a-z2-7.]{60,120}@[A-Za-z0-9.-]{1,253})>", re.IGNORECASE)
_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n")
_ACTIONS: Final = ("failed", "delayed", "delivered", "relayed", "expanded")
_RANK: Final = {action: rank for rank, action in enumerate(_ACTIONS)}


class Bounce(msgspec.Struct, frozen=True, kw_only=True):
    """What a report says; `message_ids` are unproven names of the mail it speaks of."""

    action: str
    """One of failed, delayed, delivered, relayed, expanded."""
    recipient: str = ""
    reason: str = ""
    message_ids: tuple[str, ...] = ()


def bounce(raw: bytes, root: Part, leaves: list[Part], sender: str) -> Bounce | None:
    """Return what the mail reports, or None when it is no report; never raises."""
    status = next((part for part in leaves if part.kind == "message/delivery-status"), None)
    if status is not None and root.kind == "multipart/report":
        found = _from_status(status.data())
    elif root.kind == "multipart/report" or is_nobody(root.headers, sender):
        found = _from_words(raw)
    else:
        return None
    if found is None:
        return None
    return msgspec.structs.replace(found, message_ids=_originals(raw, leaves))


def _from_status(data: bytes) -> Bounce | None:
    """Read RFC 3464 fields; of several recipients the one with the worst news counts."""
    found: list[Bounce] = []
    for group in _BLANK.split(data[:_SCANNED_BYTES].strip(), _GROUPS_MAX):
        headers, _ = read_headers(group.lstrip())
        action = headers.text("action").lower().split(" ", 1)[0]
        if action in _RANK:
            found.append(Bounce(action=action, recipient=_recipient(headers), reason=_why(headers)))
    return min(found, key=lambda one: _RANK[one.action], default=None)


def _recipient(headers: Headers) -> str:
    value = headers.text("final-recipient") or headers.text("original-recipient")
    return value.rpartition(";")[2].strip()[:254]


def _why(headers: Headers) -> str:
    diagnostic = headers.text("diagnostic-code")
    said = diagnostic.partition(";")[2].strip() or diagnostic
    status = headers.text("status")
    return (said if status in said else f"{status} {said}").strip()[:500]


def _from_words(raw: bytes) -> Bounce | None:
    """Recognise the reports of servers that follow no standard."""
    # Thirty modules, one for each such server: only the process that reads mails needs them.
    from flufl.bounce import all_failures  # noqa: PLC0415

    try:
        temporary, permanent = all_failures(message_from_bytes(raw[:_SCANNED_BYTES]))
    except Exception:  # noqa: BLE001 - flufl.bounce raises all kinds of errors on broken mail
        return None
    for action, addresses in (("failed", permanent), ("delayed", temporary)):
        if addresses:
            return Bounce(action=action, recipient=decoded(as_source(min(addresses)))[:254])
    return None


def _originals(raw: bytes, leaves: list[Part]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for part in leaves:
        if part.kind in {"message/rfc822", "text/rfc822-headers", "message/global"}:
            headers, _ = read_headers(part.data()[:_SCANNED_BYTES].lstrip())
            if name := headers.text("message-id"):
                found[name[:998]] = None
    for match in _OURS.finditer(raw[:_SCANNED_BYTES]):
        found[f"<{match[1].decode('ascii')}>"] = None
    return tuple(found)[:_IDS_MAX]
