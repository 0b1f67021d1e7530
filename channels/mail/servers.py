"""Reaches mail servers: only vetted addresses, only verified certificates."""

import logging
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from msgspec import Struct

from channels.errors import MisconfiguredError, ProviderUnavailableError
from kernel.limits import MAIL_PORTS
from kernel.net import (
    AddressRefusedError,
    HostUnknownError,
    Lookup,
    check_port,
    is_public,
    resolve_public,
)

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Server(Struct, frozen=True):
    """One place to connect to: `ip` was vetted, `host` is the name its certificate must carry."""

    host: str
    ip: str
    port: int


async def find_servers(
    host: str, port: int, tls: str, *, allow_private: bool, lookup: Lookup | None = None
) -> list[Server]:
    """Return every place to try, in order; the addresses that were vetted are those that are used.

    Raises MisconfiguredError for places that are not allowed, ProviderUnavailableError when the
    name cannot be resolved now.
    """
    try:
        check_port(port, MAIL_PORTS, allow_private=allow_private)
        found = await resolve_public(host, port, allow_private=allow_private, lookup=lookup)
    except AddressRefusedError as error:
        raise MisconfiguredError(error.message) from error
    except HostUnknownError as error:
        raise ProviderUnavailableError(error.message) from error
    if tls == "none" and any(is_public(each.ip) for each in found):
        raise MisconfiguredError(
            f"unencrypted connections are allowed only inside your own network, not to {host}"
        )
    name = host.strip().removesuffix(".")
    # Many hosts have no way to IPv6, so IPv4 comes first.
    ips = sorted((each.ip for each in found), key=lambda ip: ":" in ip)
    return [Server(name, ip, port) for ip in ips]


async def in_turn(servers: Sequence[Server], connect: Callable[[Server], Awaitable[T]]) -> T:
    """Return the connection to the first address that takes one; raises what the last one said.

    Only ProviderUnavailableError leads to the next address: a wrong password or certificate is
    the same everywhere, and a password is tried at one address alone.
    """
    for server in servers[:-1]:
        try:
            return await connect(server)
        except ProviderUnavailableError as error:
            logger.info("trying the next address", extra={"ip": server.ip, "cause": error.message})
    return await connect(servers[-1])


class _NamedContext(ssl.SSLContext):
    """Checks the certificate against the host's name although we connect to its address.

    Neither mail library can be given an address and a name; both hand the address to the TLS
    layer as the name of the server, and here it is put right.
    """

    peer_name = ""

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,  # noqa: FBT001, FBT002 - the signature of the base class
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        return super().wrap_bio(
            incoming,
            outgoing,
            server_side=server_side,
            server_hostname=self.peer_name,
            session=session,
        )


def tls_context(host: str) -> ssl.SSLContext:
    """Return a context that trusts the system's authorities and the name `host` only."""
    context = _NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.peer_name = host
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    return context


def tls_refusal(host: str, error: ssl.SSLError) -> MisconfiguredError:
    """Say what is wrong with the server's encryption."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return MisconfiguredError(f"the certificate of {host} is not valid: {error.verify_message}")
    return MisconfiguredError(
        f"{host} does not speak TLS on this port: {error.reason or 'handshake failed'}"
    )
