"""What is stored of Telegram's updates, and the envelopes it means; no I/O, no clock."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from channels.envelope import Envelope, Inbound, Party, Reach
from channels.errors import UnreadableDeliveryError
from channels.files import Fetched, inbound_files, with_missing
from channels.telegram.contents import QUOTED_CHARS, html_in, quoted_in, wanted_files, words_of
from channels.telegram.presses import label_of
from channels.telegram.updates import (
    Membership,
    Message,
    Press,
    Update,
    User,
    edit_key,
    message_key,
    press_key,
    read_update,
)
from kernel.html import plain_to_html

BLOCKED: Final = "the client has blocked the bot; only they can let it in again"

_SILENT: Final = frozenset(
    {
        "boost_added",
        "chat_background_set",
        "message_auto_delete_timer_changed",
        "pinned_message",
        "write_access_allowed",
    }
)
"""What Telegram's own program notes in a chat: nobody said anything."""
_ABOUT: Final = frozenset(
    {"message_id", "date", "chat", "from", "edit_date", "business_connection_id"}
)
_KINDS: Final = (
    "poll",
    "dice",
    "game",
    "story",
    "invoice",
    "successful_payment",
    "checklist",
    "giveaway",
    "paid_media",
    "gift",
)


class Packed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One delivery: the updates as they came, an album's together, and where their files lie."""

    updates: tuple[msgspec.Raw, ...]
    files: dict[str, Fetched] = {}
    part_of: str = ""
    """The delivery into which this one was joined; it says nothing by itself."""


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Packed)


def pack(updates: Sequence[bytes], files: Mapping[str, Fetched], *, part_of: str = "") -> bytes:
    """Return what is stored; what is no JSON stays as unreadable as it came."""
    raws = tuple(map(msgspec.Raw, updates))
    return _ENCODER.encode(Packed(updates=raws, files=dict(files), part_of=part_of))


def read_packed(raw: bytes) -> list[Envelope]:
    """Translate one delivery; raises UnreadableDeliveryError for what cannot be understood."""
    try:
        packed = _DECODER.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableDeliveryError(f"not a delivery of Telegram's: {error}") from error
    if packed.part_of:
        return []
    if not packed.updates:
        raise UnreadableDeliveryError("Telegram called with nothing to say")
    said: list[Envelope] = []
    for one in packed.updates:
        said.extend(_envelopes(read_update(bytes(one)), bytes(one), packed.files))
    return _joined(said) if len(packed.updates) > 1 else said


def _envelopes(update: Update, raw: bytes, files: Mapping[str, Fetched]) -> list[Envelope]:
    if update.message is not None:
        return _said(update.message, message_key(update.message), raw, files)
    edited = update.edited_message
    if edited is not None and not (edited.location and edited.location.live_period):
        known = _said(edited, edit_key(edited), raw, files)
        return [_as_edit(one, message_key(edited)) for one in known]
    if update.my_chat_member is not None:
        return _reached(update.my_chat_member)
    if update.callback_query is not None:
        return _pressed(update.callback_query)
    return []


def _pressed(press: Press) -> list[Envelope]:
    """A button says its words in the client's name, as if they had written them."""
    asked, sender = press.message, press.sender
    words = label_of(press)
    if asked is None or asked.chat.type != "private" or sender.is_bot or not words:
        return []
    return [
        Inbound(
            external_id=press_key(press),
            sender=Party(handle=str(sender.id), name=_name(sender)),
            text=words,
            quoted=asked.text[:QUOTED_CHARS],
            sender_proven=True,
            attributes=_attributes(asked, sender),
        )
    ]


def _reached(one: Membership) -> list[Envelope]:
    """Somebody blocked the bot, or let it in again; in groups that is nobody's reach."""
    if one.chat.type != "private":
        return []
    gone = BLOCKED if one.new_chat_member.status == "kicked" else None
    key = f"{one.chat.id}:{one.date}"
    return [Reach(external_id=key, handle=str(one.chat.id), unreachable=gone)]


def _as_edit(one: Envelope, original: str) -> Envelope:
    """A changed message comes as one more, so that what was read before stays as it was read."""
    if not isinstance(one, Inbound):
        return one
    return replace(one, thread_key=None, references=(original,), warnings=("edited", *one.warnings))


def _said(message: Message, key: str, raw: bytes, files: Mapping[str, Fetched]) -> list[Envelope]:
    """Return the message of a private chat; groups, channels and other bots are not clients."""
    sender = message.sender
    if message.chat.type != "private" or sender is None or sender.is_bot:
        return []
    wanted = wanted_files(message)
    words = words_of(message)
    text, problems = with_missing(words, wanted, files)
    if not text and not wanted:
        kind = _kind_of(raw)
        if kind in _SILENT:
            return []
        text, problems = f"[{kind}]", (*problems, "unsupported")
    html = html_in(message)
    if html and problems:
        html += plain_to_html(text[len(words) :])
    if text.split(" ", 1)[0] == "/start":
        return []
    return [
        Inbound(
            external_id=key,
            sender=Party(handle=str(sender.id), name=_name(sender)),
            text=text,
            html=html,
            quoted=quoted_in(message),
            sent_at=_moment(message.edit_date or message.date),
            thread_key=message_key(message),
            files=inbound_files(wanted, files),
            sender_proven=True,
            attributes=_attributes(message, sender),
            warnings=problems,
        )
    ]


def _joined(said: Sequence[Envelope]) -> list[Envelope]:
    """Make one message of an album's pieces: their texts and files in the order sent."""
    pieces = [one for one in said if isinstance(one, Inbound)]
    if not pieces:
        return []
    return [
        replace(
            pieces[0],
            text="\n".join(one.text for one in pieces if one.text),
            html=_joined_html(pieces),
            files=tuple(file for one in pieces for file in one.files),
            warnings=tuple(dict.fromkeys(word for one in pieces for word in one.warnings)),
        )
    ]


def _joined_html(pieces: Sequence[Inbound]) -> str | None:
    if not any(one.html for one in pieces):
        return None
    return "<br>".join(one.html or plain_to_html(one.text) for one in pieces if one.text)


def _kind_of(raw: bytes) -> str:
    """Name what the message brings in Telegram's own word for it."""
    update = msgspec.json.decode(raw)
    message = update.get("message") or update.get("edited_message") or {}
    named = (
        name for name in (*_KINDS, *_SILENT, *message) if name in message and name not in _ABOUT
    )
    return next(named, "message")


def _name(sender: User) -> str:
    name = f"{sender.first_name} {sender.last_name}".strip()
    return name or (f"@{sender.username}" if sender.username else "")


def _attributes(message: Message, sender: User) -> dict[str, str]:
    """What Telegram says of them; a number counts only when it is the sender's own card."""
    card = message.contact
    own = card is not None and card.user_id == sender.id
    told = {
        "name": _name(sender),
        "telegram": f"@{sender.username}" if sender.username else "",
        "locale": sender.language_code,
        "phone": _number(card.phone_number) if card is not None and own else "",
    }
    return {name: value for name, value in told.items() if value}


def _number(phone: str) -> str:
    return phone if phone.startswith("+") else f"+{phone}"


def _moment(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 2**33 else None
