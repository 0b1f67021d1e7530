"""What must be set for a Telegram bot, and what is wrong with it in an administrator's words."""

import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec

from channels.errors import MisconfiguredError
from kernel.errors import InvalidInputError
from kernel.urls import check_url

KIND: Final = "telegram"
BOT_TOKEN: Final = "bot_token"  # noqa: S105 - the name of the field, not a secret
SECRETS: Final = (BOT_TOKEN,)

_TOKEN: Final = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{20,100}")


class TelegramSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One bot: how its messages come, and from which server."""

    receiving: Literal["polling", "webhook"] = "polling"
    """`polling`: we ask, which works anywhere; `webhook`: Telegram calls our public address."""
    api_url: Annotated[str, msgspec.Meta(max_length=300)] = "https://api.telegram.org"
    """Telegram's own server, or a Bot API server that you run yourselves."""


def read_settings(
    settings: Mapping[str, object], *, allow_private_hosts: bool = False
) -> TelegramSettings:
    """Return the checked settings; raises MisconfiguredError naming the field and the cure."""
    try:
        found = msgspec.convert(dict(settings), TelegramSettings, strict=True)
    except msgspec.ValidationError as error:
        raise MisconfiguredError(f"Telegram settings: {error}") from error
    try:
        url = check_url(found.api_url, allow_private=allow_private_hosts)
    except InvalidInputError as error:
        raise MisconfiguredError(f"api_url: {error.message}") from error
    if url.query_string or url.fragment:
        raise MisconfiguredError("api_url: leave out everything after the host and the path")
    if url.scheme != "https" and not allow_private_hosts:
        raise MisconfiguredError("api_url: use https; the bot's token travels in every request")
    return msgspec.structs.replace(found, api_url=found.api_url.rstrip("/"))


def read_token(secrets: Mapping[str, str]) -> str:
    """Return the bot's token; raises MisconfiguredError when it is missing or cannot be one."""
    token = secrets.get(BOT_TOKEN, "").strip()
    if not token:
        raise MisconfiguredError(f"{BOT_TOKEN}: paste the token that @BotFather gave you")
    if _TOKEN.fullmatch(token) is None:
        raise MisconfiguredError(
            f"{BOT_TOKEN}: this is no bot token; it looks like 123456789:AbC… and comes from"
            " @BotFather"
        )
    return token


def secrets_bound_elsewhere(
    saved: Mapping[str, object], wanted: Mapping[str, object]
) -> dict[str, str]:
    """The token goes only to the server it was saved for."""
    usual = TelegramSettings().api_url
    before, after = saved.get("api_url", usual), wanted.get("api_url", usual)
    return {} if before == after else {BOT_TOKEN: "api_url"}
