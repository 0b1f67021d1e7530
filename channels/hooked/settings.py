"""Settings that several messengers have, checked in one way."""

from collections.abc import Sequence

from channels.errors import MisconfiguredError
from kernel.errors import InvalidInputError
from kernel.net import check_host
from kernel.urls import check_url


def checked_api_url(api_url: str, *, allow_private: bool, field: str = "api_url") -> str:
    """Return where the provider is, without a slash at its end; raises MisconfiguredError."""
    try:
        url = check_url(api_url, allow_private=allow_private)
    except InvalidInputError as error:
        raise MisconfiguredError(f"{field}: {error.message}") from error
    if url.query_string or url.fragment:
        raise MisconfiguredError(f"{field}: leave out everything after the host and the path")
    if url.scheme != "https" and not allow_private:
        raise MisconfiguredError(f"{field}: use https; the token travels in every request")
    return api_url.rstrip("/")


def checked_hosts(field: str, hosts: Sequence[str]) -> tuple[str, ...]:
    """Return hosts in their plain spelling; raises MisconfiguredError naming the field."""
    try:
        return tuple(check_host(host) for host in hosts)
    except InvalidInputError as error:
        raise MisconfiguredError(f"{field}: {error.message}") from error
