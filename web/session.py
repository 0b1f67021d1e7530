"""Who is behind a request: the session cookie or an API token, and where the request came from."""

import ipaddress
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlsplit
from uuid import UUID

from aiohttp import web

from kernel.actor import Actor
from kernel.errors import ForbiddenError, OverloadedError, SignInRequiredError
from staff import sessions, tokens
from web.house import House

COOKIE = "cc_session"
BEARER = "Bearer "
MARK_SECONDS = 60.0
MARKS_KEPT = 10_000
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


async def actor_of(request: web.Request, house: House) -> Actor:
    """Return who asks, or raise SignInRequiredError."""
    actor = await find_actor(request, house)
    if actor is None:
        raise SignInRequiredError
    return actor


async def find_actor(request: web.Request, house: House) -> Actor | None:
    header = request.headers.get("Authorization", "")
    if header.startswith(BEARER):
        return await _by_token(header.removeprefix(BEARER), house)
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return None
    now = house.clock.now()
    async with house.database.reading(quick=True) as session:
        found = await sessions.signed_in(session, cookie, now)
    if found is None:
        return None
    if found.stale and found.actor.session_id is not None:
        # Noting it is a courtesy: with a full disk people still read.
        with suppress(OverloadedError):
            async with house.database.transaction() as session:
                await sessions.touch(session, found.actor.session_id, now)
    return found.actor


async def _by_token(token: str, house: House) -> Actor | None:
    now = house.clock.now()
    async with house.database.reading(quick=True) as session:
        actor = await tokens.actor_of_token(session, token, now)
    if actor is not None and actor.token_id is not None and _is_due(actor.token_id, house):
        with suppress(OverloadedError):
            async with house.database.transaction() as session:
                await tokens.mark_used(session, actor.token_id, now)
    return actor


def _is_due(token_id: UUID, house: House) -> bool:
    """Say whether a token's use is worth noting: once a minute, not once a request."""
    now = house.clock.monotonic()
    if now - house.token_marks.get(token_id, -MARK_SECONDS) < MARK_SECONDS:
        return False
    if len(house.token_marks) >= MARKS_KEPT:
        house.token_marks.clear()
    house.token_marks[token_id] = now
    return True


def refuse_foreign_origin(request: web.Request, house: House) -> None:
    """Let a cookie act only for our own pages (CSRF): the browser's word on where it comes from.

    A caller without a cookie (an API token, a script) has nothing that a foreign page could use.
    """
    if COOKIE not in request.cookies:
        return
    if not is_own_origin(request, house):
        raise ForbiddenError("this request came from another site and was refused")


def is_own_origin(request: web.Request, house: House) -> bool:
    """Say whether `Origin` is the configured public address (never taken from `Host`)."""
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site") in {"same-origin", "none"}
    return same_origin(origin, house.options.public_url)


def same_origin(one: str, other: str) -> bool:
    """Compare scheme, host and port; the names of this very machine count as one host."""
    return _origin(one) == _origin(other)


def _is_trusted(peer: str, proxies: Sequence[str]) -> bool:
    if not proxies:
        return False
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(proxy, strict=False) for proxy in proxies)


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        port = parts.port
    except ValueError:
        port = -1
    return (
        parts.scheme,
        "loopback" if host in LOOPBACK else host,
        port or {"http": 80, "https": 443}.get(parts.scheme),
    )


def address_of(request: web.Request, house: House) -> str:
    """Return the caller's address; a proxy's word counts only from a trusted proxy."""
    peer = request.remote or ""
    if _is_trusted(peer, house.options.trusted_proxies):
        forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        try:
            return str(ipaddress.ip_address(forwarded))
        except ValueError:
            return peer
    return peer
