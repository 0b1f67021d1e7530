"""What a WhatsApp message holds: its words as an agent shall read them, and its files; no I/O."""

from typing import Final

from channels.hooked.packing import Wanted
from channels.hooked.words import card, place, unsupported
from channels.whatsapp.payloads import Interactive, Media, Message

_USUAL_NAME: Final = {
    "image": "photo.jpg",
    "video": "video.mp4",
    "audio": "audio.mp3",
    "document": "file",
    "sticker": "sticker.webp",
}
_VOICE: Final = "voice.ogg"


def media_of(message: Message) -> tuple[str, Media] | None:
    """Return kind and file of a message that brings one."""
    for kind in _USUAL_NAME:
        found: Media | None = getattr(message, kind)
        if found is not None and found.id:
            return kind, found
    return None


def wanted_files(message: Message) -> tuple[Wanted, ...]:
    """Return the file that Meta keeps; where it lies is asked by its id, which stands as the
    address."""
    found = media_of(message)
    if found is None:
        return ()
    kind, media = found
    name = media.filename or (_VOICE if media.voice else _USUAL_NAME[kind])
    return (Wanted(key=media.id, name=name, url=media.id),)


def words_of(message: Message) -> str:
    """Return what was written or pressed, and in words what is neither text nor file."""
    found = media_of(message)
    parts = [
        message.text.body if message.text else "",
        found[1].caption if found else "",
        message.button.text if message.button else "",
        _chosen(message.interactive) if message.interactive else "",
        _place(message),
        *(
            card(one.name.formatted_name, ", ".join(phone.phone for phone in one.phones))
            for one in message.contacts
        ),
        _advertised(message),
    ]
    return "\n".join(part for part in parts if part.strip())


def kind_of(message: Message) -> str:
    """Return a placeholder for what cannot be shown."""
    return unsupported(message.type or "message")


def _chosen(pressed: Interactive) -> str:
    if pressed.button_reply is not None:
        return pressed.button_reply.title
    if pressed.list_reply is not None:
        return pressed.list_reply.title
    return pressed.nfm_reply.body if pressed.nfm_reply is not None else ""


def _place(message: Message) -> str:
    at = message.location
    if at is None or not (-90 <= at.latitude <= 90 and -180 <= at.longitude <= 180):
        return ""
    return place(at.latitude, at.longitude, at.name, at.address)


def _advertised(message: Message) -> str:
    """Clients who press an advertisement often write no more than “Hello”."""
    told = message.referral
    if told is None or not (told.headline or told.source_url):
        return ""
    return f"[{' '.join(part for part in (told.headline, told.source_url) if part)}]"
