"""The three secrets of an app at Meta: what it signs with, what we send with, what tries us."""

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from channels.errors import MisconfiguredError

APP_SECRET: Final = "app_secret"  # noqa: S105
VERIFY_TOKEN: Final = "verify_token"  # noqa: S105
_APP_SECRET: Final = re.compile(r"[0-9a-f]{32}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_|.-]{30,1000}")
_VERIFY: Final = re.compile(r"[\x21-\x7e]{16,200}")


class Keys(Struct, frozen=True):
    app_secret: str
    token: str
    verify: str


def keys_of(secrets: Mapping[str, str], token_name: str, *, how: str, more: str) -> Keys:
    """Return the secrets; raises MisconfiguredError when one is missing or cannot be one.

    `how` says how the token of this kind is come by, `more` what the verify token needs
    besides its length.
    """
    names = (APP_SECRET, token_name, VERIFY_TOKEN)
    app, token, verify = (secrets.get(name, "").strip() for name in names)
    if _APP_SECRET.fullmatch(app) is None:
        raise MisconfiguredError(
            f"{APP_SECRET}: paste the app secret, 32 signs 0-9 and a-f, from the app's basic"
            " settings"
        )
    if _TOKEN.fullmatch(token) is None:
        raise MisconfiguredError(f"{token_name}: {how} and paste it whole")
    if _VERIFY.fullmatch(verify) is None:
        raise MisconfiguredError(f"{VERIFY_TOKEN}: make one of at least 16 signs{more}")
    return Keys(app, token, verify)
