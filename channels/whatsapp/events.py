"""One call of WhatsApp's as its single events, each with whom it is about; no I/O."""

import hashlib
from collections.abc import Iterator
from typing import Final, TypeVar

import msgspec

from channels.hooked.packing import Event, unread
from channels.whatsapp.contents import wanted_files
from channels.whatsapp.payloads import (
    Body,
    Change,
    Contact,
    Entry,
    Kept,
    Message,
    Told,
    Value,
)

_BROKEN: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
T = TypeVar("T")


def events_of(body: bytes, phone_number_id: str) -> list[Event]:
    """Return the events of a call; one that cannot be read spoils none of its neighbours.

    What the same app is told of other numbers, and of other matters, is passed over.
    """
    try:
        entries = msgspec.json.decode(body, type=Body).entry
    except _BROKEN:
        return [unread(body)]
    return [one for raw in entries for one in _of_entry(bytes(raw), phone_number_id)]


def _of_entry(raw: bytes, phone_number_id: str) -> Iterator[Event]:
    entry = _read(raw, Entry)
    if entry is None:
        yield unread(raw)
        return
    for one in entry.changes:
        yield from _of_change(bytes(one), phone_number_id)


def _of_change(raw: bytes, phone_number_id: str) -> Iterator[Event]:
    change = _read(raw, Change)
    if change is not None and change.field != "messages":
        return
    value = _read(bytes(change.value), Value) if change is not None else None
    if value is None:
        yield unread(raw)
    elif value.metadata.phone_number_id == phone_number_id:
        yield from (_message(bytes(one), value) for one in value.messages)
        yield from (_status(bytes(one)) for one in value.statuses)


def _message(raw: bytes, value: Value) -> Event:
    message = _read(raw, Message)
    if message is None:
        return unread(raw)
    kept = Kept(message=msgspec.Raw(raw), contact=_contact_of(message, value))
    return Event(external_id=message.id, raw=msgspec.json.encode(kept), files=wanted_files(message))


def _contact_of(message: Message, value: Value) -> msgspec.Raw | None:
    """Return who wrote it: a call may bring messages of several people."""
    for raw in value.contacts:
        contact = _read(bytes(raw), Contact)
        if contact is None:
            continue
        by_number = bool(message.sender) and contact.wa_id == message.sender
        by_id = bool(message.sender_id) and contact.user_id == message.sender_id
        alone = len(value.contacts) == 1 and not (message.sender or message.sender_id)
        if by_number or by_id or alone:
            return raw
    return None


def _status(raw: bytes) -> Event:
    told = _read(raw, Told)
    if told is None:
        return unread(raw)
    name = f"{told.id}:{told.status}"
    if told.errors:
        # One message may fail first for one reason and, tried again by Meta, for another.
        name += f":{hashlib.sha256(raw).hexdigest()[:16]}"
    kept = Kept(status=msgspec.Raw(raw))
    # A status that repeats our own id need not wait for the receipt that names its message.
    about = "" if told.biz_opaque_callback_data else told.id
    return Event(external_id=name, raw=msgspec.json.encode(kept), about=about)


def _read(raw: bytes, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(raw, type=kind)
    except _BROKEN:
        return None
