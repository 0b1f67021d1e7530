"""Which sites a widget may stand on: pure rules over the browser's `Origin`."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from channels.errors import MisconfiguredError

_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST: Final = re.compile(rf"(\*\.)?(?:{_LABEL}\.)*{_LABEL}|\[[0-9a-f:.]+\]")
_PORTS: Final = {"http": 80, "https": 443}


class Site(Struct, frozen=True, kw_only=True):
    """One allowed place. Without a scheme either will do; without a port, any."""

    scheme: str | None
    host: str
    """In lower case; `*.` before it means every name below it, not the name itself."""
    port: int | None


def read_site(text: str) -> Site:
    """Read `https://shop.example:8443`, `shop.example` or `*.shop.example`, or refuse it."""
    scheme, found, rest = text.strip().lower().partition("://")
    host_part = rest if found else scheme
    try:
        split = urlsplit(f"//{host_part}")
        host, port = split.netloc.rpartition(":")[0] or split.netloc, split.port
        if split.port is None:
            host = split.netloc
        host = host.encode("idna").decode() if not host.isascii() else host
    except (ValueError, UnicodeError) as error:
        raise _refused(text) from error
    whole = not split.path.strip("/") and not split.query and not split.fragment
    if (found and scheme not in _PORTS) or not whole or not _HOST.fullmatch(host):
        raise _refused(text)
    return Site(scheme=scheme if found else None, host=host, port=port)


def allows(sites: Iterable[Site], origin: str) -> bool:
    """Say whether a page of `origin` may use the widget; `null` and what is no origin never."""
    page = _parse_origin(origin)
    return page is not None and any(_matches(site, page) for site in sites)


def _matches(site: Site, page: Site) -> bool:
    if site.scheme is not None and site.scheme != page.scheme:
        return False
    if site.scheme is not None or site.port is not None:
        wanted = site.port or _PORTS[site.scheme or page.scheme or "https"]
        if wanted != page.port:
            return False
    if site.host.startswith("*."):
        return page.host.endswith(site.host[1:])
    return site.host == page.host


def _parse_origin(origin: str) -> Site | None:
    try:
        split = urlsplit(origin)
        host, port = split.hostname, split.port
    except ValueError:
        return None
    if split.scheme not in _PORTS or not host or split.path or split.query or split.username:
        return None
    plain = f"[{host}]" if ":" in host else host
    return Site(scheme=split.scheme, host=plain, port=port or _PORTS[split.scheme])


def _refused(text: str) -> MisconfiguredError:
    return MisconfiguredError(
        f"allowed_domains: {text[:100]!r} is not a site;"
        " write it like https://shop.example, shop.example or *.shop.example"
    )
