"""Reaches mail servers: only vetted addresses, only verified certificates."""

import ssl
from dataclasses import dataclass

from channels.errors import MisconfiguredError, ProviderUnavailableError
from kernel.limits import MAIL_PORTS
from kernel.net import AddressRefusedError, HostUnknownError, check_port, is_public, resolve_public


@dataclass(frozen=True, slots=True)
class Server:
    """One place to connect to: `ip` was vetted, `host` is the name its certificate must carry."""

    host: str
    ip: str
    port: int


async def find_server(host: str, port: int, tls: str, *, allow_private: bool) -> Server:
    """Return where to connect; the address that was vetted is the one that is used.

    Raises MisconfiguredError for places that are not allowed, ProviderUnavailableError when the
    name cannot be resolved now.
    """
    try:
        check_port(port, MAIL_PORTS, allow_private=allow_private)
        found = await resolve_public(host, port, allow_private=allow_private)
    except AddressRefusedError as error:
        raise MisconfiguredError(error.message) from error
    except HostUnknownError as error:
        raise ProviderUnavailableError(error.message) from error
    ip = min(found, key=lambda each: ":" in each.ip).ip  # many hosts have no way to IPv6
    if tls == "none" and is_public(ip):
        raise MisconfiguredError(
            f"unencrypted connections are allowed only inside your own network, not to {host}"
        )
    return Server(host.strip().removesuffix("."), ip, port)


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
