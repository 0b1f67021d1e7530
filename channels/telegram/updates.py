"""The parts of Telegram's updates that we read, as the Bot API names them; the rest is ignored."""

import hashlib
from typing import Final

import msgspec
from msgspec import Struct, field

from channels.errors import UnreadableDeliveryError


class User(Struct, frozen=True):
    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    language_code: str = ""


class Chat(Struct, frozen=True):
    id: int
    type: str


class Entity(Struct, frozen=True):
    """A stretch of a text; offsets count UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str = ""


class Media(Struct, frozen=True):
    """Any file; photos have several, one per size."""

    file_id: str
    file_unique_id: str = ""
    file_name: str = ""
    file_size: int = 0
    emoji: str = ""
    is_animated: bool = False
    is_video: bool = False


class Contact(Struct, frozen=True):
    phone_number: str
    first_name: str = ""
    last_name: str = ""
    user_id: int | None = None


class Location(Struct, frozen=True):
    latitude: float
    longitude: float
    live_period: int = 0


class Venue(Struct, frozen=True):
    location: Location
    title: str = ""
    address: str = ""


class Quote(Struct, frozen=True):
    text: str


class Replied(Struct, frozen=True):
    """The message that another one answers."""

    message_id: int
    text: str = ""
    caption: str = ""


class Button(Struct, frozen=True):
    text: str
    callback_data: str = ""


class Keyboard(Struct, frozen=True):
    inline_keyboard: tuple[tuple[Button, ...], ...] = ()


class Message(Struct, frozen=True):
    message_id: int
    date: int
    chat: Chat
    sender: User | None = field(name="from", default=None)
    edit_date: int = 0
    media_group_id: str = ""
    text: str = ""
    entities: tuple[Entity, ...] = ()
    caption: str = ""
    caption_entities: tuple[Entity, ...] = ()
    photo: tuple[Media, ...] = ()
    document: Media | None = None
    voice: Media | None = None
    audio: Media | None = None
    video: Media | None = None
    video_note: Media | None = None
    animation: Media | None = None
    sticker: Media | None = None
    location: Location | None = None
    venue: Venue | None = None
    contact: Contact | None = None
    reply_to_message: Replied | None = None
    quote: Quote | None = None
    reply_markup: Keyboard | None = None


class Press(Struct, frozen=True):
    """A client pressed a button under a message of ours; of an old one `message` says little."""

    id: str
    sender: User = field(name="from")
    message: Message | None = None
    data: str = ""


class Member(Struct, frozen=True):
    status: str


class Membership(Struct, frozen=True):
    """The bot was blocked or let in again."""

    chat: Chat
    sender: User = field(name="from")
    date: int
    new_chat_member: Member


class Update(Struct, frozen=True):
    update_id: int
    message: Message | None = None
    edited_message: Message | None = None
    my_chat_member: Membership | None = None
    callback_query: Press | None = None


ALLOWED: Final = ("message", "edited_message", "my_chat_member", "callback_query")
"""The kinds of updates that we ask for."""

_UPDATE: Final = msgspec.json.Decoder(Update)


def read_update(raw: bytes) -> Update:
    """Return the update; raises UnreadableDeliveryError for what is none."""
    try:
        return _UPDATE.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableDeliveryError(f"not an update of Telegram's: {error}") from error


def key_of(raw: bytes) -> str:
    """Return the permanent name of what an update brings, the same however often it comes.

    Message ids are unique in their chat for ever; `update_id` is not, it begins anew at random.
    """
    try:
        update = read_update(raw)
    except UnreadableDeliveryError:
        return f"raw:{hashlib.sha256(raw).hexdigest()}"
    if update.message is not None:
        return message_key(update.message)
    if update.edited_message is not None:
        return edit_key(update.edited_message)
    if update.my_chat_member is not None:
        one = update.my_chat_member
        return f"member:{one.chat.id}:{one.date}:{one.new_chat_member.status}"
    if update.callback_query is not None:
        return press_key(update.callback_query)
    return f"update:{update.update_id}:{hashlib.sha256(raw).hexdigest()[:32]}"


def message_key(message: Message) -> str:
    return f"{message.chat.id}:{message.message_id}"


def press_key(press: Press) -> str:
    """Name what a press says: who taps twice, or again before the button is gone, said it once."""
    if press.message is None:
        return f"press:{press.id}"
    digest = hashlib.sha256(press.data.encode("utf-8", "replace")).hexdigest()[:16]
    return f"press:{message_key(press.message)}:{digest}"


def edit_key(message: Message) -> str:
    """Name one edit: there may be several within a second."""
    files = [one.file_unique_id for one in message.photo[-1:]]
    said = "\x00".join([message.text, message.caption, *files])
    digest = hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]
    return f"edit:{message_key(message)}:{message.edit_date}:{digest}"
