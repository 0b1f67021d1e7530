"""What a sender tells about themselves, cleaned and bounded; pure."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from clients.naming import (
    MAIL,
    PHONE_CHANNELS,
    WEBCHAT,
    is_address,
    is_phone,
    mail_address,
    name_without,
    one_line,
    phone_number,
    words_of,
)
from kernel.limits import CLIENT_ATTRIBUTE_CHARS, CLIENT_ATTRIBUTES

LOCALES: Final = frozenset({"en", "uk", "ru"})
_OWN_COLUMNS: Final = frozenset({"name", "email", "phone", "locale"})
_ATTRIBUTE_NAME_CHARS = 60


class Portrait(Struct, frozen=True, kw_only=True):
    channel: str
    handle: str
    name: str = ""
    email: str | None = None
    phone: str | None = None
    locale: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    verified: bool = False

    @property
    def shown_name(self) -> str:
        """Their name, or else what they are called without one."""
        return self.name or self.nameless

    @property
    def nameless(self) -> str:
        """What they are called as long as they have told no name: see `clients.naming`."""
        return name_without(self.channel, self.handle)

    @property
    def words(self) -> set[str]:
        """What they are found by; a chat visitor without a name by what stands for it."""
        name = self.shown_name if self.channel == WEBCHAT else self.name
        return words_of(name, self.email, self.phone, [(self.channel, self.handle)])

    def added_to(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """Return the known attributes with these over them, at most `CLIENT_ATTRIBUTES`."""
        merged = {**known, **self.attributes}
        return dict(list(merged.items())[:CLIENT_ATTRIBUTES])


def portrait_of(
    key: tuple[str, str], name: str, attributes: Mapping[str, str], *, verified: bool
) -> Portrait:
    channel, handle = key
    return Portrait(
        channel=channel,
        handle=handle,
        name=one_line(name),
        email=_email(channel, handle, attributes.get("email", "")),
        phone=_phone(channel, handle, attributes.get("phone", "")),
        locale=_locale(attributes.get("locale", "")),
        attributes=_attributes(attributes) if attributes else {},
        verified=verified,
    )


def together(first: Portrait | None, second: Portrait) -> Portrait:
    """Join what one sender says in two messages of a batch; the earlier word counts."""
    if first is None:
        return second
    return replace(
        first,
        name=first.name or second.name,
        email=first.email or second.email,
        phone=first.phone or second.phone,
        locale=first.locale or second.locale,
        attributes={**second.attributes, **first.attributes},
        verified=first.verified or second.verified,
    )


def _email(channel: str, handle: str, told: str) -> str | None:
    address = handle if channel == MAIL else mail_address(told)
    return address if is_address(address) else None


def _phone(channel: str, handle: str, told: str) -> str | None:
    number = handle if channel in PHONE_CHANNELS else phone_number(told)
    return number if is_phone(number) else None


def _locale(told: str) -> str | None:
    language = told[:2].lower()
    return language if language in LOCALES else None


def _attributes(told: Mapping[str, str]) -> dict[str, str]:
    clean = {
        one_line(name, _ATTRIBUTE_NAME_CHARS): one_line(value, CLIENT_ATTRIBUTE_CHARS)
        for name, value in list(told.items())[:CLIENT_ATTRIBUTES]
        if name not in _OWN_COLUMNS
    }
    clean.pop("", None)
    return clean
