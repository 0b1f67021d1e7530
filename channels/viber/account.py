"""What must be set for a Viber bot, and what is wrong with it in an administrator's words."""

import re
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from channels.errors import MisconfiguredError
from channels.hooked.settings import checked_api_url, checked_hosts
from kernel.limits import HOOKED_FILE_HOSTS, VIBER_SENDER_CHARS

KIND: Final = "viber"
AUTH_TOKEN: Final = "auth_token"  # noqa: S105 - the name of the field, not a secret
SECRETS: Final = (AUTH_TOKEN,)

_TOKEN: Final = re.compile(r"[0-9a-f]{16}-[0-9a-f]{16}-[0-9a-f]{16}")


class ViberSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One bot: how it calls itself, and where Viber is."""

    sender_name: Annotated[str, msgspec.Meta(max_length=VIBER_SENDER_CHARS)] = ""
    """Stands above every answer; when empty, the account's name."""
    api_url: Annotated[str, msgspec.Meta(max_length=300)] = "https://chatapi.viber.com/pa"
    media_hosts: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=253)], ...],
        msgspec.Meta(max_length=HOOKED_FILE_HOSTS),
    ] = ("viber.com",)
    """Where Viber keeps what clients send."""


def read_settings(
    settings: Mapping[str, object], *, allow_private_hosts: bool = False
) -> ViberSettings:
    """Return the checked settings; raises MisconfiguredError naming the field and the cure."""
    try:
        found = msgspec.convert(dict(settings), ViberSettings, strict=True)
    except msgspec.ValidationError as error:
        raise MisconfiguredError(f"Viber settings: {error}") from error
    return msgspec.structs.replace(
        found,
        api_url=checked_api_url(found.api_url, allow_private=allow_private_hosts),
        media_hosts=checked_hosts("media_hosts", found.media_hosts),
    )


def read_token(secrets: Mapping[str, str]) -> str:
    """Return the bot's token; raises MisconfiguredError when it is missing or cannot be one."""
    token = secrets.get(AUTH_TOKEN, "").strip()
    if not token:
        raise MisconfiguredError(f"{AUTH_TOKEN}: paste the token from your bot's page at Viber")
    if _TOKEN.fullmatch(token) is None:
        raise MisconfiguredError(
            f"{AUTH_TOKEN}: this is no Viber token; it has three groups of 16 signs, 0-9 and a-f"
        )
    return token


def secrets_bound_elsewhere(
    saved: Mapping[str, object], wanted: Mapping[str, object]
) -> dict[str, str]:
    """The token goes only to the server it was saved for."""
    usual = ViberSettings().api_url
    before, after = saved.get("api_url", usual), wanted.get("api_url", usual)
    return {} if before == after else {AUTH_TOKEN: "api_url"}
