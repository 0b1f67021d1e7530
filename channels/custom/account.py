"""What must be set to connect a system of one's own, and what is wrong with it in plain words."""

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from channels.errors import MisconfiguredError
from channels.hooked.settings import checked_hosts
from kernel.errors import InvalidInputError
from kernel.limits import CUSTOM_SECRET_CHARS, HOOKED_FILE_HOSTS
from kernel.urls import check_url

KIND: Final = "custom"
SIGNING_SECRET: Final = "signing_secret"  # noqa: S105 - the name of the field, not a secret
SECRETS: Final = (SIGNING_SECRET,)

_SECRET_CHARS_MAX: Final = 256


class CustomSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where answers go, and where clients' files may lie."""

    url: Annotated[str, msgspec.Meta(max_length=500)]
    """Takes our signed POST for every answer."""
    file_hosts: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=253)], ...],
        msgspec.Meta(max_length=HOOKED_FILE_HOSTS),
    ] = ()
    """Hosts that files are fetched from; when empty, only the host of `url`."""


def read_settings(
    settings: Mapping[str, object], *, allow_private_hosts: bool = False
) -> CustomSettings:
    """Return the checked settings; raises MisconfiguredError naming the field and the cure."""
    try:
        found = msgspec.convert(dict(settings), CustomSettings, strict=True)
    except msgspec.ValidationError as error:
        raise MisconfiguredError(f"settings: {error}") from error
    try:
        url = check_url(found.url, allow_private=allow_private_hosts)
    except InvalidInputError as error:
        raise MisconfiguredError(f"url: {error.message}") from error
    if url.fragment:
        raise MisconfiguredError("url: leave out what stands behind the #")
    if url.scheme != "https" and not allow_private_hosts:
        raise MisconfiguredError("url: use https; clients' words travel in every request")
    hosts = checked_hosts("file_hosts", found.file_hosts)
    return msgspec.structs.replace(found, file_hosts=hosts or (str(url.host),))


def read_secret(secrets: Mapping[str, str]) -> str:
    """Return the signing secret; raises MisconfiguredError when it is missing or easily guessed."""
    secret = secrets.get(SIGNING_SECRET, "").strip()
    if not secret:
        raise MisconfiguredError(f"{SIGNING_SECRET}: make one, and give it to the other system too")
    if len(secret) < CUSTOM_SECRET_CHARS or len(set(secret)) < CUSTOM_SECRET_CHARS // 4:
        raise MisconfiguredError(
            f"{SIGNING_SECRET}: use at least {CUSTOM_SECRET_CHARS} random characters; whoever"
            " guesses it writes in every client's name"
        )
    if len(secret) > _SECRET_CHARS_MAX or not secret.isascii() or not secret.isprintable():
        raise MisconfiguredError(
            f"{SIGNING_SECRET}: use at most {_SECRET_CHARS_MAX} letters, digits and signs of ASCII"
        )
    return secret
