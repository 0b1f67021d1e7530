"""Says which URLs the center may ask, before any name is looked up."""

from yarl import URL

from kernel.limits import HTTP_PORTS, HTTP_URL_CHARS
from kernel.net import AddressRefusedError, check_host, check_port, may_reach


def check_url(url: str, *, allow_private: bool = False) -> URL:
    """Return `url` parsed when the center may ask it, as far as can be said without a look-up.

    For when an address is saved; what its name leads to is judged again at every connection.
    """
    if len(url) > HTTP_URL_CHARS or not url.isprintable() or "\\" in url or " " in url:
        raise AddressRefusedError("this is not an address of the web", field="url")
    try:
        parsed = URL(url)
        host, port = parsed.host, parsed.port
    except ValueError as error:
        raise AddressRefusedError("this is not an address of the web", field="url") from error
    if parsed.scheme not in {"http", "https"} or not host or port is None:
        raise AddressRefusedError("an address must begin with https:// or http://", field="url")
    if parsed.user is not None or parsed.password is not None:
        raise AddressRefusedError("an address must not hold a user name", field="url")
    check_port(port, HTTP_PORTS, allow_private=allow_private)
    plain = check_host(host)
    if _is_literal(plain) and not may_reach(plain, allow_private=allow_private):
        raise AddressRefusedError(f"“{host}” is not a public address", field="url")
    return parsed


def redirected(url: URL, location: str, *, allow_private: bool = False) -> URL:
    """Return where a redirect from `url` leads, checked anew; never from https back to http."""
    try:
        joined = str(url.join(URL(location)))
    except ValueError as error:
        raise AddressRefusedError("the redirect leads nowhere", field="url") from error
    target = check_url(joined, allow_private=allow_private)
    if url.scheme == "https" and target.scheme != "https":
        raise AddressRefusedError("the redirect leads away from https", field="url")
    return target


def _is_literal(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()
