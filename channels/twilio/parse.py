"""What is stored of what Twilio tells, and the envelopes it means; no I/O, no clock.

A webhook's form and a message found by listing are read by the same rules, under the same names:
the message's SID, which Twilio never uses again.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
from msgspec import Struct

from channels.envelope import (
    Automatic,
    Envelope,
    Inbound,
    InboundFile,
    Party,
    Reach,
    Report,
    Status,
)
from channels.errors import UnreadableDeliveryError
from channels.files import Fetched
from channels.keywords import Wish, says_nothing_else, wish_of
from channels.twilio.contents import Fields, is_unknown, kind_of, words_of
from channels.twilio.troubles import OPTED_OUT, Action, trouble_of
from kernel.limits import MIB, TWILIO_FILES_IN
from kernel.sniff import named

STATUSES: Final = {
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "partially_delivered": Status.DELIVERED,
    "read": Status.READ,
    "undelivered": Status.FAILED,
    "failed": Status.FAILED,
    "canceled": Status.FAILED,
}
"""What Twilio's words mean; the others say only that it is still under way."""
_UNDER_WAY: Final = frozenset({"accepted", "scheduled", "queued", "sending"})
_RECEIVED: Final = frozenset({"received", "receiving", ""})
_WHATSAPP: Final = "whatsapp:"


class Packed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One delivery: the form as it came, what its address proved, and where its files lie."""

    form: str
    message: UUID | None = None
    """Ours, of which it reports: it stood in the signed address."""
    files: dict[str, Fetched] = {}


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Packed)


def pack(
    form: bytes, files: Mapping[str, Fetched] | None = None, message: UUID | None = None
) -> bytes:
    """Return what is stored; bytes that are no text stay as unreadable as they came."""
    text = form.decode("ascii", "backslashreplace")
    return _ENCODER.encode(Packed(form=text, files=dict(files or {}), message=message))


def key_of(fields: Fields, token: str, form: bytes) -> str:
    """Return the permanent name of what a call brings, the same however often it comes."""
    sid, status = fields.get("MessageSid") or fields.get("SmsSid", ""), status_of(fields)
    if sid:
        return f"{sid}:{status}" if is_report(fields) else sid
    return f"token:{token}" if token else f"raw:{hashlib.sha256(form).hexdigest()}"


def status_of(fields: Fields) -> str:
    return (fields.get("MessageStatus") or fields.get("SmsStatus", "")).lower()


def is_report(fields: Fields) -> bool:
    """Whether it tells of a message of ours rather than bringing one."""
    return status_of(fields) not in _RECEIVED


def wanted_files(fields: Fields) -> list[tuple[str, str]]:
    """Return address and media type of each file that Twilio keeps for the message."""
    count = fields.get("NumMedia", "0")
    most = min(int(count), TWILIO_FILES_IN) if count.isascii() and count.isdecimal() else 0
    found = [
        (fields.get(f"MediaUrl{at}", ""), fields.get(f"MediaContentType{at}", ""))
        for at in range(most)
    ]
    return [(url, kind) for url, kind in found if url]


def read_packed(raw: bytes) -> list[Envelope]:
    """Translate one delivery; raises UnreadableDeliveryError for what cannot be understood."""
    try:
        packed = _DECODER.decode(raw)
        fields = dict(parse_qsl(packed.form, keep_blank_values=True, errors="strict"))
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        raise UnreadableDeliveryError(f"not a delivery of Twilio's: {error}") from error
    if not (fields.get("MessageSid") or fields.get("SmsSid")):
        raise UnreadableDeliveryError("Twilio called about no message")
    return _told(fields, packed) if is_report(fields) else _said(fields, packed.files)


def handle_of(address: str) -> str:
    """Return the number, or WhatsApp's own name of somebody whose number is not told."""
    return address.strip().removeprefix(_WHATSAPP)


def _told(fields: Fields, packed: Packed) -> list[Envelope]:
    """A status callback; what is still under way says nothing that we did not know."""
    sid, word = fields.get("MessageSid") or fields["SmsSid"], status_of(fields)
    if word in _UNDER_WAY:
        return []
    if word not in STATUSES:
        raise UnreadableDeliveryError(f"Twilio calls a message “{word[:40]}”")
    code = fields.get("ErrorCode", "")
    said = fields.get("ErrorMessage", "")
    number = int(code) if code.isascii() and code.isdecimal() and len(code) < 7 else 0
    failed = STATUSES[word] is Status.FAILED
    trouble = trouble_of(number, said)
    told: list[Envelope] = [
        Report(
            external_id=f"{sid}:{word}",
            claimed_id=packed.message,
            thread_key=sid,
            status=STATUSES[word],
            reason=trouble.words if failed else "",
        )
    ]
    if failed and trouble.action in {Action.GONE, Action.OPTED_OUT} and fields.get("To"):
        told.append(
            Reach(
                external_id=f"{sid}:reach",
                handle=handle_of(fields["To"]),
                unreachable=trouble.words,
                opted_out=True if trouble.action is Action.OPTED_OUT else None,
            )
        )
    return told


def _said(fields: Fields, files: Mapping[str, Fetched]) -> list[Envelope]:
    number, user = handle_of(fields.get("From", "")), fields.get("ExternalUserId", "")
    sender = number or user
    also = (user,) if user and user != sender else ()
    if not sender:
        raise UnreadableDeliveryError("Twilio does not say who wrote")
    sid = fields.get("MessageSid") or fields["SmsSid"]
    wanted = wanted_files(fields)
    text, problems = _with_missing(words_of(fields), [url for url, _ in wanted], files)
    if not text and not wanted:
        text, problems = f"[{kind_of(fields)}]", ["unsupported"]
    elif is_unknown(fields):
        problems.append("unsupported")
    wish = _wish(fields)
    replied = fields.get("OriginalRepliedMessageSid", "")
    name = fields.get("ProfileName", "")
    said: list[Envelope] = [
        Inbound(
            external_id=sid,
            sender=Party(handle=sender, name=name),
            also=also,
            text=text,
            sent_at=_moment(fields.get("DateSent", "")),
            thread_key=sid,
            references=(replied,) if replied else (),
            files=tuple(
                _file(at, files[url])
                for at, (url, _) in enumerate(wanted)
                if url in files and not files[url].problem
            ),
            automatic=Automatic.COMMAND if _is_command(fields, wish) else None,
            sender_proven=True,
            attributes=_attributes(fields, name),
            warnings=(*problems, *(["opted_out"] if wish is Wish.STOP else [])),
        )
    ]
    return said + [one for handle in (sender, *also) for one in _reached(sid, handle, wish)]


def _wish(fields: Fields) -> Wish | None:
    sms = not fields.get("From", "").startswith(_WHATSAPP)
    return wish_of(fields.get("Body", ""), on_sms=sms, told=fields.get("OptOutType", ""))


def _is_command(fields: Fields, wish: Wish | None) -> bool:
    """STOP and START are for the machine; who asks for HELP asks a person too."""
    if wish not in {Wish.STOP, Wish.START}:
        return False
    return says_nothing_else(fields.get("Body", ""))


def _reached(sid: str, sender: str, wish: Wish | None) -> list[Envelope]:
    if wish is Wish.STOP:
        words = trouble_of(OPTED_OUT).words
        return [Reach(external_id=sid, handle=sender, unreachable=words, opted_out=True)]
    if wish is Wish.START:
        return [Reach(external_id=sid, handle=sender, unreachable=None, opted_out=False)]
    return []


def _with_missing(
    text: str, urls: Sequence[str], files: Mapping[str, Fetched]
) -> tuple[str, list[str]]:
    """Name in the text what could not be fetched, so that nobody takes it for not sent."""
    lines, problems = [text] if text else [], []
    for at, url in enumerate(urls):
        known = files.get(url) or Fetched(problem="file_missing")
        if not known.problem:
            continue
        size = f", {known.size / MIB:.1f} MB" if known.size else ""
        lines.append(f"[file {at + 1}{size}]")
        if known.problem not in problems:
            problems.append(known.problem)
    return "\n".join(lines), problems


def _file(at: int, one: Fetched) -> InboundFile:
    kind = one.media_type
    stem = kind.partition("/")[0] if kind.startswith(("image/", "audio/", "video/")) else "file"
    return InboundFile(
        name=named(f"{stem}-{at + 1}", kind), media_type=kind, blob=one.blob, size=one.size
    )


def _attributes(fields: Fields, name: str) -> dict[str, str]:
    place = [fields.get("FromCity", "").title(), fields.get("FromCountry", "")]
    told = {
        "name": name,
        "place": ", ".join(part for part in place if part),
        "whatsapp_user": fields.get("ExternalUserId", ""),
    }
    return {key: value for key, value in told.items() if value}


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
