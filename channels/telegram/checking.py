"""The connection test of a bot: whose it is, and whether its messages can come the way wanted."""

from typing import Any, Final
from urllib.parse import urlsplit

from channels.envelope import CheckStep
from channels.errors import BadCredentialsError, MisconfiguredError, ProviderUnavailableError

FAILURES: Final = (BadCredentialsError, MisconfiguredError, ProviderUnavailableError)
_PUBLIC_PORTS: Final = frozenset({None, 80, 88, 443, 8443})


async def steps_of(
    api: Any, hook_url: str, *, polling: bool, allow_private: bool
) -> list[CheckStep]:
    """Return the steps `telegram_bot`, and `telegram_free` or `telegram_address`."""
    try:
        me = await api.me()
        state = await api.hook()
    except BadCredentialsError as error:
        cure = "Open @BotFather, choose your bot, then “API Token”, and paste it whole."
        return [_failed("telegram_bot", error.message, cure)]
    except FAILURES as error:
        cure = "Check api_url, and that the server may connect to it."
        return [_failed("telegram_bot", error.message, cure)]
    steps = [CheckStep(name="telegram_bot", ok=True, detail=f"{me.name} (@{me.username})")]
    if polling:
        return [*steps, _free(state.url, hook_url)]
    try:
        refuse_private(hook_url, allow_private=allow_private)
    except MisconfiguredError as error:
        cure = "Choose “polling”, or set public_url to the address that the world reaches."
        return [*steps, _failed("telegram_address", error.message, cure)]
    return [*steps, CheckStep(name="telegram_address", ok=True, detail=hook_url)]


def refuse_private(hook_url: str, *, allow_private: bool) -> None:
    """Raise MisconfiguredError when Telegram, out on the Internet, cannot call this address."""
    parts = urlsplit(hook_url)
    if allow_private or (parts.scheme == "https" and parts.port in _PUBLIC_PORTS):
        return
    raise MisconfiguredError(
        "Telegram calls only https addresses on the ports 443, 80, 88 and 8443, and"
        f" public_url is {parts.scheme}://{parts.netloc}"
    )


def _free(url: str, hook_url: str) -> CheckStep:
    taken = bool(url) and url != hook_url
    host = urlsplit(url).hostname or ""
    return CheckStep(
        name="telegram_free",
        ok=True,
        detail=f"its messages go to {host} now" if taken else "",
        cure="When you save, they come here instead." if taken else "",
    )


def _failed(name: str, detail: str, cure: str) -> CheckStep:
    return CheckStep(name=name, ok=False, detail=detail, cure=cure)
