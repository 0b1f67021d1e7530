"""What clients are called and found by: one form of each name, address and number."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from kernel.errors import InvalidInputError
from kernel.limits import (
    CLIENT_WORD_CHARS,
    CLIENT_WORDS,
    HANDLE_CHARS,
    NAME_CHARS,
)

MAIL: Final = "mail"
WEBCHAT: Final = "webchat"
PHONE_CHANNELS: Final = frozenset({"sms", "voice", "whatsapp"})

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_ADDRESS_CHARS = 254
_PHONE = re.compile(r"\+?[0-9]{3,20}")
_PHONE_NOISE = re.compile(r"[\s().\-/]")
_PHONE_CHARS = 40
_WORD = re.compile(r"[^\W_]+(?:['’ʼ-][^\W_]+)*")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_TAIL_CHARS = 40
_GUEST = re.compile(r"[^:]+:(?:visitor:[0-9a-f]{28}(?P<code>[0-9a-f]{4})|user:(?P<user>.+))")


def one_line(text: str, chars: int = NAME_CHARS) -> str:
    """Return one line without control or direction-changing characters, cut to `chars`."""
    text = text[: chars * 4]
    if text.isascii() and text.isprintable():
        return " ".join(text.split())[:chars]
    visible = "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or unicodedata.category(char) not in _INVISIBLE
    )
    return " ".join(visible.split())[:chars]


def handle_of(channel: str, handle: str) -> str:
    """Return the one form of a handle that identities are kept and found by.

    Providers' own ids are kept as they are; a mail address is lower-cased and its domain written
    in ASCII (RFC 5890 A-labels), a number keeps `+` and digits. Longer than `HANDLE_CHARS`: its
    end is replaced by a hash of the whole, so that two of them stay two.
    """
    plain = handle if handle.isprintable() else _storable(handle)
    if channel == MAIL:
        clean = mail_address(plain)
    elif channel in PHONE_CHANNELS:
        clean = phone_number(plain)
    else:
        clean = plain.strip()
    if len(clean) <= HANDLE_CHARS:
        return clean
    digest = hashlib.sha256(clean.encode()).hexdigest()[:_TAIL_CHARS]
    return f"{clean[: HANDLE_CHARS - _TAIL_CHARS]}{digest}"


def name_without(channel: str, handle: str) -> str:
    """Return what somebody is called who told no name: what the channel calls them.

    A chat visitor's handle ends in a random number, whose last four signs tell two of them apart,
    or in what the site calls its user. The console says "Visitor" in the reader's language
    (`src/shared/naming.ts`).
    """
    guest = _GUEST.fullmatch(handle) if channel == WEBCHAT else None
    if guest is None:
        return handle[:NAME_CHARS]
    return f"Visitor {guest['code']}" if guest["code"] else guest["user"][:NAME_CHARS]


def mail_address(address: str) -> str:
    address = address.strip()
    if address.isascii():
        return address.lower().rstrip(".")
    local, _, domain = unicodedata.normalize("NFC", address).lower().rpartition("@")
    labels = domain.rstrip(".").split(".")
    return f"{local}@{'.'.join(_label(label) for label in labels)}"


def phone_number(number: str) -> str:
    """Return `+` and digits; what is no number is returned stripped."""
    bare = _PHONE_NOISE.sub("", number)
    return bare if _PHONE.fullmatch(bare) else number.strip()


def clean_email(email: str | None) -> str | None:
    """Return an attribute fit for showing and writing to, or refuse what is no address."""
    if email is None or not email.strip():
        return None
    clean = mail_address(email)
    if not is_address(clean):
        raise InvalidInputError("this is not an e-mail address", field="email")
    return clean


def clean_phone(phone: str | None) -> str | None:
    if phone is None or not phone.strip():
        return None
    clean = phone_number(phone)
    if not _PHONE.fullmatch(clean):
        raise InvalidInputError("give the number as +380441234567", field="phone")
    return clean


def is_address(text: str) -> bool:
    return len(text) <= _ADDRESS_CHARS and text.isprintable() and bool(_ADDRESS.fullmatch(text))


def is_phone(text: str) -> bool:
    return len(text) <= _PHONE_CHARS and bool(_PHONE.fullmatch(text))


def folded(text: str) -> str:
    """Return the form that names and queries are compared in."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def words_of(
    name: str, email: str | None, phone: str | None, handles: Iterable[tuple[str, str]]
) -> set[str]:
    """Return what a client is found by: the first words of the name, addresses and numbers.

    A chat visitor's handle is a random number that nobody types.
    """
    words = set(_WORD.findall(folded(name))[:CLIENT_WORDS])
    words.update(folded(known) for known in (email, phone) if known)
    words.update(folded(handle) for channel, handle in handles if channel != WEBCHAT)
    return {word[:CLIENT_WORD_CHARS] for word in words if word}


def query_words(query: str) -> list[str]:
    """Return the words of a search, the longest (most telling) first."""
    pieces = folded(one_line(query)).split()[:CLIENT_WORDS]
    words = {piece for piece in pieces if "@" in piece or is_phone(piece)}
    for piece in pieces:
        if piece not in words:
            words.update(_WORD.findall(piece))
    return sorted((word[:CLIENT_WORD_CHARS] for word in words), key=lambda word: (-len(word), word))


def _storable(text: str) -> str:
    """Drop what no database column or header takes: control characters and lone surrogates."""
    return "".join(char for char in text if unicodedata.category(char) not in {"Cc", "Cs"})


def _label(label: str) -> str:
    """Return one domain label in ASCII (RFC 3492); mapped as little as is safe.

    `ß` stays `ß`, as in IDNA2008: the older mapping to `ss` would make two owners one sender.
    """
    if label.isascii():
        return label
    plain = unicodedata.normalize("NFKC", label)
    return plain if plain.isascii() else f"xn--{plain.encode('punycode').decode()}"
