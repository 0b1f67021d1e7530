"""What must be set for a mailbox, and what is wrong with it in words an administrator can use."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from channels.errors import MisconfiguredError
from channels.mail.mime.addresses import is_address, normal
from kernel.limits import MAIL_PORTS, NAME_CHARS

_SAFER: Final = ("none", "starttls", "tls")
SECRETS: Final = ("imap_password", "smtp_password")
_FIELD_CHARS: Final = 255
_ALIASES_MAX: Final = 50


class MailSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One mailbox: where mail is fetched, where it is handed in, and under which names."""

    address: str
    display_name: str = ""
    aliases: tuple[str, ...] = ()
    """Other addresses that deliver into this mailbox: never answered, never a client."""
    imap_host: str
    imap_port: int = 993
    imap_tls: Literal["tls", "none"] = "tls"
    imap_user: str
    folder: str = "INBOX"
    smtp_host: str
    smtp_port: int = 587
    smtp_tls: Literal["tls", "starttls", "none"] = "starttls"
    smtp_user: str = ""
    """Empty: hand mail in without signing in."""
    plus_addressing: bool = False
    """The provider delivers `name+anything@host` to `name@host`."""
    trusted_authserv_id: str | None = None
    """The name our own mail server puts into Authentication-Results."""
    fetch_since: Literal["new", "all"] = "new"
    """What to do with mail that was in the folder before the mailbox was connected."""
    mark_seen: bool = False

    def own_addresses(self) -> frozenset[str]:
        return frozenset(map(normal, (self.address, *self.aliases)))


def read_settings(
    settings: Mapping[str, object], *, allow_private_hosts: bool = False
) -> MailSettings:
    """Return the checked settings; raises MisconfiguredError naming the field and the cure."""
    try:
        found = msgspec.convert(dict(settings), MailSettings, strict=True)
    except msgspec.ValidationError as error:
        raise MisconfiguredError(f"mailbox settings: {error}") from error
    _check_addresses(found)
    _check_words(found)
    for name, port, tls in (
        ("imap", found.imap_port, found.imap_tls),
        ("smtp", found.smtp_port, found.smtp_tls),
    ):
        _check_port(name, port, tls, allow_private_hosts=allow_private_hosts)
    return found


def secrets_bound_elsewhere(
    saved: Mapping[str, object], wanted: Mapping[str, object]
) -> dict[str, str]:
    """Return the passwords that the wanted settings would send elsewhere than they were saved for.

    A password belongs to one server, port, user and degree of encryption: whoever may change a
    mailbox could else have it sent to a server of their own. Each comes with what changed.
    """
    if saved == wanted:
        return {}
    try:
        before, after = (msgspec.convert(dict(one), MailSettings) for one in (saved, wanted))
    except msgspec.ValidationError:
        return dict.fromkeys(SECRETS, "the settings")
    return {
        f"{side}_password": changed
        for side in ("imap", "smtp")
        if (changed := _changed_place(side, before, after))
    }


def _changed_place(side: str, before: MailSettings, after: MailSettings) -> str:
    """Return the first field by which this side's password would go elsewhere, or less safely."""
    for part in ("host", "port", "user"):
        field = f"{side}_{part}"
        if getattr(before, field) != getattr(after, field):
            return field
    field = f"{side}_tls"
    weaker = _SAFER.index(getattr(after, field)) < _SAFER.index(getattr(before, field))
    return field if weaker else ""


def _check_addresses(found: MailSettings) -> None:
    if len(found.aliases) > _ALIASES_MAX:
        raise MisconfiguredError(f"aliases: at most {_ALIASES_MAX}; split the mailbox")
    for field, address in (
        ("address", found.address),
        *(("aliases", one) for one in found.aliases),
    ):
        if not is_address(address):
            raise MisconfiguredError(
                f"{field}: {address[:100]!r} is not a mail address;"
                " write it like support@example.com"
            )


def _check_words(found: MailSettings) -> None:
    for field in ("display_name", "imap_host", "imap_user", "folder", "smtp_host", "smtp_user"):
        value: str = getattr(found, field)
        if any(ord(sign) < 32 or ord(sign) == 127 for sign in value) or "\u2028" in value:
            raise MisconfiguredError(f"{field}: remove the line breaks and control characters")
        limit = NAME_CHARS if field == "display_name" else _FIELD_CHARS
        if len(value) > limit:
            raise MisconfiguredError(f"{field}: at most {limit} characters")
    for field in ("imap_host", "imap_user", "folder", "smtp_host"):
        if not getattr(found, field).strip():
            raise MisconfiguredError(f"{field}: must not be empty")


def _check_port(name: str, port: int, tls: str, *, allow_private_hosts: bool) -> None:
    if not 1 <= port <= 65535 or (port not in MAIL_PORTS and not allow_private_hosts):
        usual = ", ".join(map(str, sorted(MAIL_PORTS)))
        raise MisconfiguredError(f"{name}_port: {port} is not a mail port; use one of {usual}")
    if tls == "none" and not allow_private_hosts:
        cure = '"tls"' if name == "imap" else '"starttls" or "tls"'
        raise MisconfiguredError(
            f"{name}_tls: unencrypted connections are allowed only to hosts of your own network,"
            f" when the operator permits private hosts; use {cure}"
        )
