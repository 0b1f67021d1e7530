"""The envelopes that an event of WhatsApp's means; no I/O, no clock, no log."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec

from channels.envelope import Automatic, Envelope, Inbound, Party, Reach, Report, Status
from channels.errors import UnreadableDeliveryError
from channels.files import inbound_files, with_missing
from channels.hooked.packing import Packed
from channels.keywords import Wish, says_nothing_else, wish_of
from channels.whatsapp.contents import kind_of, wanted_files, words_of
from channels.whatsapp.payloads import Contact, Message, Reaction, Stored, System, Told
from channels.whatsapp.troubles import Action, trouble_of

STATUSES: Final = {
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.READ,
    "played": Status.READ,
    "failed": Status.FAILED,
}
STOPPED: Final = "the client wrote STOP: nothing may be sent until they write START (21610)"
_MOVED: Final = frozenset({"user_changed_number", "user_changed_user_id"})
_NUMBER: Final = re.compile(r"\+?[0-9]{6,15}")
_BROKEN: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def read_event(packed: Packed) -> list[Envelope]:
    """Translate one event; raises UnreadableDeliveryError for what cannot be understood."""
    try:
        stored = msgspec.json.decode(bytes(packed.event), type=Stored)
    except _BROKEN as error:
        raise UnreadableDeliveryError(f"not an event of WhatsApp's: {error}") from error
    if stored.status is not None:
        return _became(stored.status)
    if stored.message is None:
        raise UnreadableDeliveryError("WhatsApp told of neither a message nor a status")
    return _said(stored.message, stored.contact, packed)


def number_of(wa_id: str) -> str:
    """Return a number as `+` and digits, as every channel of ours writes it."""
    return f"+{wa_id.removeprefix('+')}" if _NUMBER.fullmatch(wa_id) else wa_id


def _said(message: Message, contact: Contact, packed: Packed) -> list[Envelope]:
    if message.system is not None:
        return _moved(message, message.system)
    handle, also = _names(message.sender or contact.wa_id, message.sender_id or contact.user_id)
    if not handle:
        raise UnreadableDeliveryError("WhatsApp does not say who wrote")
    party = Party(handle=handle, name=contact.profile.name or contact.profile.username)
    one = Inbound(
        external_id=message.id,
        sender=party,
        also=also,
        text="",
        sent_at=_moment(message.timestamp),
        sender_proven=True,
        attributes=_attributes(contact),
    )
    if message.reaction is not None:
        return [_reacted(one, message.reaction)]
    said = _worded(one, message, packed)
    wish = wish_of(said.text, on_sms=False)
    if wish is Wish.STOP:
        said = msgspec.structs.replace(said, warnings=(*said.warnings, "opted_out"))
    if wish in {Wish.STOP, Wish.START} and says_nothing_else(said.text):
        said = msgspec.structs.replace(said, automatic=Automatic.COMMAND)
    return [said, *_wished(message.id, (handle, *also), wish)]


def _worded(one: Inbound, message: Message, packed: Packed) -> Inbound:
    wanted = wanted_files(message)
    text, problems = with_missing(words_of(message), wanted, packed.files)
    if not text and not wanted:
        text, problems = kind_of(message), ("unsupported",)
    about = message.context.id if message.context else ""
    return msgspec.structs.replace(
        one,
        text=text,
        thread_key=message.id,
        references=(about,) if about else (),
        files=inbound_files(wanted, packed.files),
        warnings=problems,
    )


def _reacted(one: Inbound, reaction: Reaction) -> Inbound:
    """A sign on a message is no question: it is shown there, and nobody is asked to answer."""
    return msgspec.structs.replace(
        one,
        text=reaction.emoji or "—",
        references=(reaction.message_id,),
        automatic=Automatic.REACTION,
    )


def _moved(message: Message, system: System) -> list[Envelope]:
    """Somebody has another number, and so another id: whoever had the old one is this client."""
    old = number_of(system.customer or message.sender)
    handle, also = _names(system.wa_id, system.user_id)
    if system.type not in _MOVED or not handle:
        return []
    before = [one for one in (old, message.sender_id) if one and one not in {handle, *also}]
    told: list[Envelope] = [
        Inbound(
            external_id=message.id,
            sender=Party(handle=handle),
            also=(*also, *before),
            text=system.body or f"{old} → {handle}",
            sent_at=_moment(message.timestamp),
            automatic=Automatic.MOVED,
            sender_proven=True,
        )
    ]
    words = "the client writes from another number now"
    return told + [
        Reach(external_id=f"{message.id}:{one}", handle=one, unreachable=words) for one in before
    ]


def _names(wa_id: str, user_id: str) -> tuple[str, tuple[str, ...]]:
    """Return what somebody is called here, the number when it is told, and their other name."""
    number = number_of(wa_id)
    if not number:
        return user_id, ()
    return number, ((user_id,) if user_id else ())


def _wished(name: str, handles: Sequence[str], wish: Wish | None) -> list[Envelope]:
    if wish is Wish.STOP:
        return [
            Reach(external_id=name, handle=one, unreachable=STOPPED, opted_out=True)
            for one in handles
        ]
    if wish is Wish.START:
        return [
            Reach(external_id=name, handle=one, unreachable=None, opted_out=False)
            for one in handles
        ]
    return []


def _became(told: Told) -> list[Envelope]:
    if told.status not in STATUSES:
        return []
    fault = told.errors[0] if told.errors else None
    said = fault.error_data.details if fault and fault.error_data else ""
    trouble = trouble_of(fault.code if fault else 0, said or (fault.message if fault else ""))
    status = STATUSES[told.status]
    failed = status is Status.FAILED
    found: list[Envelope] = [
        Report(
            external_id=f"{told.id}:{told.status}",
            claimed_id=_ours(told.biz_opaque_callback_data),
            thread_key=told.id,
            status=status,
            reason=trouble.words if failed else "",
        )
    ]
    if not failed or trouble.action is not Action.GONE:
        return found
    handles = [one for one in (number_of(told.recipient_id), told.recipient_user_id) if one]
    return found + [
        Reach(external_id=f"{told.id}:reach", handle=one, unreachable=trouble.words)
        for one in handles
    ]


def _attributes(contact: Contact) -> dict[str, str]:
    told = {"name": contact.profile.name, "whatsapp": contact.profile.username}
    return {key: value for key, value in told.items() if value}


def _ours(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _moment(seconds: str) -> datetime | None:
    if not seconds.isascii() or not seconds.isdecimal() or len(seconds) > 10:
        return None
    return datetime.fromtimestamp(int(seconds), UTC)
