"""The one outbound HTTP client: to vetted addresses only, and within agreed bounds."""  # noqa: A005 - imported absolutely

import asyncio
import errno
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult
from msgspec import Struct
from yarl import URL

from kernel.errors import CenterError
from kernel.limits import (
    HTTP_ANSWER_BYTES,
    HTTP_CONNECTIONS,
    HTTP_CONNECTIONS_PER_HOST,
    HTTP_REDIRECTS,
    HTTP_TOTAL_SECONDS,
)
from kernel.net import Lookup, may_reach, resolve_public
from kernel.secrets import Secret
from kernel.urls import check_url, redirected

T = TypeVar("T")
_AddrInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]]

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CREDENTIAL_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
_CHUNK_BYTES = 65_536


class RemoteUnavailableError(CenterError):
    """The other server did not answer; `maybe_done` when it may have taken the request."""

    code = "remote_unavailable"

    def __init__(self, message: str = "", *, maybe_done: bool = False) -> None:
        super().__init__(message)
        self.maybe_done = maybe_done


class AnswerTooLargeError(CenterError):
    """The other server answered with more than the center takes."""

    code = "answer_too_large"


class Credential(Struct, frozen=True, kw_only=True):
    """Headers that prove who we are to exactly one host, by https, and are sent to no other.

    Where the operator allows private hosts they also go out by plain http.
    """

    host: str
    headers: Mapping[str, Secret]


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """What the other server said: any status, the whole body, within the agreed size."""

    status: int
    headers: Mapping[str, str]
    url: str
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self, kind: type[T]) -> T:
        """Return the body as a `kind`; `RemoteUnavailableError` when it is not one."""
        try:
            return msgspec.json.decode(self.body, type=kind)
        except msgspec.DecodeError as error:
            raise RemoteUnavailableError(
                f"{URL(self.url).host} answered what cannot be understood", maybe_done=True
            ) from error


class HttpClient:
    """Speaks HTTP to the outside; enter it once and share it.

    Every address is vetted where the connection is made, with the one answer of the name server
    that is then used, so a name cannot change its mind in between. No proxies or credentials
    from the environment, no cookies, and no redirects unless asked for.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        lookup: Lookup | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._allow_private = allow_private
        self._lookup = lookup
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            resolver=_VettingResolver(self._lookup, allow_private=self._allow_private),
            use_dns_cache=False,
            limit=HTTP_CONNECTIONS,
            limit_per_host=HTTP_CONNECTIONS_PER_HOST,
            ssl=self._tls or True,
            socket_factory=self._vetted_socket,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "contact-center"},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        credential: Credential | None = None,
        redirects: int = 0,
        max_bytes: int = HTTP_ANSWER_BYTES,
        seconds: float = HTTP_TOTAL_SECONDS,
    ) -> HttpAnswer:
        """Ask and return the answer, whatever its status.

        Up to `redirects` (at most `HTTP_REDIRECTS`) are followed for GET and HEAD, each vetted
        anew. Raises `AddressRefusedError`, `HostUnknownError`, `RemoteUnavailableError` or
        `AnswerTooLargeError`; `seconds` bounds all of it, `max_bytes` the unpacked body.
        """
        _check_request(method, headers or {})
        hops = min(redirects, HTTP_REDIRECTS) if method in {"GET", "HEAD"} else 0
        target = check_url(url, allow_private=self._allow_private)
        try:
            async with asyncio.timeout(seconds):
                while True:
                    answer = await self._once(
                        method, target, dict(headers or {}), body, credential, max_bytes
                    )
                    location = answer.headers.get("Location")
                    if answer.status not in _REDIRECTS or location is None or hops == 0:
                        return answer
                    hops -= 1
                    target = redirected(target, location, allow_private=self._allow_private)
        except TimeoutError as error:
            raise RemoteUnavailableError(
                f"{target.host} did not answer within {seconds:g} seconds", maybe_done=True
            ) from error

    async def _once(
        self,
        method: str,
        url: URL,
        headers: dict[str, str],
        body: bytes,
        credential: Credential | None,
        max_bytes: int,
    ) -> HttpAnswer:
        if self._session is None:
            raise RuntimeError("enter the client before it is used")
        if credential is not None and self._is_for(credential, url):
            headers |= {name: value.reveal() for name, value in credential.headers.items()}
        try:
            async with self._session.request(
                method,
                url,
                headers=headers,
                # A large body goes in pieces: written at once it would hold up the loop.
                data=(BytesIO(body) if len(body) > _CHUNK_BYTES else body) or None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None),
            ) as response:
                return HttpAnswer(
                    status=response.status,
                    headers=response.headers,
                    url=str(url),
                    body=await _read(response, max_bytes),
                )
        except aiohttp.ClientConnectorCertificateError as error:
            raise RemoteUnavailableError(f"the certificate of {url.host} is not valid") from error
        except aiohttp.ClientConnectorError as error:
            raise RemoteUnavailableError(f"{url.host} cannot be reached") from error
        except (aiohttp.ClientError, OSError) as error:
            raise RemoteUnavailableError(
                f"{url.host} broke off before it had answered", maybe_done=True
            ) from error

    def _is_for(self, credential: Credential, url: URL) -> bool:
        safe = url.scheme == "https" or self._allow_private
        return safe and url.host == credential.host.lower()

    def _vetted_socket(self, info: _AddrInfo) -> socket.socket:
        """The last gate: whatever led here, no socket is made for an address we may not reach."""
        family, kind, protocol, _, address = info
        if not may_reach(str(address[0]), allow_private=self._allow_private):
            raise OSError(errno.EACCES, "this address is not one the center may speak to")
        return socket.socket(family=family, type=kind, proto=protocol)


class _VettingResolver(AbstractResolver):
    def __init__(self, lookup: Lookup | None, *, allow_private: bool) -> None:
        self._lookup = lookup
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await resolve_public(
            host, port, allow_private=self._allow_private, lookup=self._lookup
        )
        return [
            ResolveResult(
                hostname=host,
                host=address.ip,
                port=address.port,
                family=address.family,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in found
        ]

    async def close(self) -> None:
        """Nothing is held open between look-ups."""


def _check_request(method: str, headers: Mapping[str, str]) -> None:
    if method not in _METHODS:
        raise ValueError(f"{method!r} is not a method the center uses")
    for name, value in headers.items():
        if name.lower() in _CREDENTIAL_HEADERS:
            raise ValueError(f"{name} belongs into a Credential, bound to its host")
        if not (name + value).isprintable():
            raise ValueError(f"the header {name!r} holds a control character")


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """Return the unpacked body, stopping as soon as it is too much."""
    if (response.content_length or 0) > max_bytes:
        raise AnswerTooLargeError
    parts: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        size += len(chunk)
        if size > max_bytes:
            response.close()
            raise AnswerTooLargeError
        parts.append(chunk)
    return b"".join(parts)
