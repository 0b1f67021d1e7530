"""What must be set for a LINE account, and what is wrong with it in an administrator's words."""

import re
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from channels.errors import MisconfiguredError
from channels.hooked.settings import checked_api_url

KIND: Final = "line"
CHANNEL_SECRET: Final = "channel_secret"  # noqa: S105 - the name of the field, not a secret
ACCESS_TOKEN: Final = "access_token"  # noqa: S105
SECRETS: Final = (CHANNEL_SECRET, ACCESS_TOKEN)

_SECRET: Final = re.compile(r"[0-9a-f]{32}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9+/=._-]{40,2000}")
_Url = Annotated[str, msgspec.Meta(max_length=300)]


class LineSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where LINE is: its answers, and the files of clients."""

    api_url: _Url = "https://api.line.me"
    data_url: _Url = "https://api-data.line.me"


class Keys(msgspec.Struct, frozen=True):
    secret: str
    token: str


def read_settings(
    settings: Mapping[str, object], *, allow_private_hosts: bool = False
) -> LineSettings:
    """Return the checked settings; raises MisconfiguredError naming the field and the cure."""
    try:
        found = msgspec.convert(dict(settings), LineSettings, strict=True)
    except msgspec.ValidationError as error:
        raise MisconfiguredError(f"LINE settings: {error}") from error
    api = checked_api_url(found.api_url, allow_private=allow_private_hosts)
    data = checked_api_url(found.data_url, allow_private=allow_private_hosts, field="data_url")
    return LineSettings(api_url=api, data_url=data)


def read_keys(secrets: Mapping[str, str]) -> Keys:
    """Return both secrets; raises MisconfiguredError when one is missing or cannot be one."""
    secret = secrets.get(CHANNEL_SECRET, "").strip()
    token = secrets.get(ACCESS_TOKEN, "").strip()
    if _SECRET.fullmatch(secret) is None:
        raise MisconfiguredError(
            f"{CHANNEL_SECRET}: paste the channel secret, 32 signs 0-9 and a-f, from “Basic"
            " settings”"
        )
    if _TOKEN.fullmatch(token) is None:
        raise MisconfiguredError(
            f"{ACCESS_TOKEN}: issue a long-lived channel access token under “Messaging API” and"
            " paste it whole"
        )
    return Keys(secret, token)


def secrets_bound_elsewhere(
    saved: Mapping[str, object], wanted: Mapping[str, object]
) -> dict[str, str]:
    """The token goes only to the servers it was saved for; the secret is sent to nobody."""
    usual = msgspec.structs.asdict(LineSettings())
    for field, value in usual.items():
        if saved.get(field, value) != wanted.get(field, value):
            return {ACCESS_TOKEN: field}
    return {}
