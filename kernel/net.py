"""Says which addresses the center may speak to, however they are spelled."""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from msgspec import Struct

from kernel.errors import CenterError, InvalidInputError
from kernel.limits import DNS_SECONDS, HOST_ADDRESSES

IPAddress = IPv4Address | IPv6Address
Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port to the IP addresses the name has now, as texts."""

# IANA special-purpose registries (RFC 6890 and its updates), the parts that nobody outside
# serves. Python's `is_global` calls some of them global and `is_private` misses 100.64/10.
_NOT_PUBLIC_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "3fff::/20"))
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)

_OWN_NETWORK = tuple(
    IPv4Network(text)
    for text in ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)
_OWN_NETWORK_V6 = (IPv6Network("::1/128"), IPv6Network("fc00::/7"))
# Where cloud machines ask for their own credentials, inside ranges that are otherwise one's own.
_METADATA = (IPv4Address("100.100.100.200"), IPv6Address("fd00:ec2::254"))

_HOST_CHARS = 253
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")


class AddressRefusedError(InvalidInputError):
    """This host or port is not one the center may speak to."""


class HostUnknownError(CenterError):
    """The name has no address right now; check its spelling and the name server."""

    code = "host_unknown"


class Address(Struct, frozen=True):
    """One vetted place to connect to: connect to `ip` itself, never to the name again."""

    ip: str
    port: int
    family: socket.AddressFamily


def is_public(ip: IPAddress | str) -> bool:
    """Say whether `ip` is a host of the public Internet; IPv4 inside IPv6 is decoded first.

    Decoded: IPv4-mapped (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056) and ISATAP (RFC 5214).
    A text that is not one strictly written address is not public.
    """
    address = _parsed(ip)
    if address is None:
        return False
    address = _translated(address)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    if address.scope_id is not None or address not in _GLOBAL_UNICAST:
        return False
    if (int(address) >> 32 & 0xFFFF_FFFF) in _ISATAP:
        return is_public(_last_32_bits(address))
    return not any(address in network for network in _NOT_PUBLIC_V6)


def is_own_network(ip: IPAddress | str) -> bool:
    """Say whether `ip` is in a private network or this machine: allowed only by the operator.

    Link-local addresses, multicast and the addresses of cloud metadata never are.
    """
    address = _parsed(ip)
    if address is None or address in _METADATA:
        return False
    address = _translated(address)
    if isinstance(address, IPv4Address):
        return any(address in network for network in _OWN_NETWORK) and address not in _METADATA
    return address.scope_id is None and any(address in network for network in _OWN_NETWORK_V6)


def may_reach(ip: IPAddress | str, *, allow_private: bool) -> bool:
    """Say whether the center may connect to `ip`."""
    return is_public(ip) or (allow_private and is_own_network(ip))


def check_port(port: int, allowed: Collection[int], *, allow_private: bool = False) -> None:
    """Refuse a port that is not `allowed`; in the own network any from 1024 up may be used."""
    if port in allowed or (allow_private and 1024 <= port <= 65535):
        return
    names = ", ".join(str(each) for each in sorted(allowed))
    raise AddressRefusedError(f"port {port} is not allowed here; use one of {names}", field="port")


def check_host(host: str) -> str:
    """Return `host` in its one plain spelling: a strict IP address, or a name in ASCII.

    Numbers that only some programs read as an address (`127.1`, `0x7f.1`, `2130706433`) are
    refused; the name may still belong to an address that is not allowed.
    """
    plain = _plain(host)
    if _parsed(plain) is not None:
        return plain
    labels = plain.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels) or _NUMERIC.fullmatch(labels[-1]):
        raise AddressRefusedError(f"“{host[:80]}” is not a host name or an address", field="host")
    return plain


async def resolve_public(
    host: str, port: int, *, allow_private: bool = False, lookup: Lookup | None = None
) -> list[Address]:
    """Return the addresses of `host` to connect to, each vetted.

    When *any* answer is not allowed all are refused (`AddressRefusedError`): a name that points
    both outside and inside is an attack or a mistake. `HostUnknownError` when there is none.
    """
    plain = check_host(host)
    if _parsed(plain) is not None:
        found: Sequence[str] = [plain]
    else:
        found = await _look_up(plain, port, lookup or _system_lookup)
    if not all(may_reach(ip, allow_private=allow_private) for ip in found):
        raise AddressRefusedError(_refusal(host, allow_private=allow_private), field="host")
    return [Address(ip, port, _family(ip)) for ip in found[:HOST_ADDRESSES]]


async def _look_up(host: str, port: int, lookup: Lookup) -> Sequence[str]:
    try:
        async with asyncio.timeout(DNS_SECONDS):
            found = await lookup(host, port)
    except (OSError, TimeoutError) as error:
        raise HostUnknownError(f"the name “{host}” has no address right now") from error
    if not found:
        raise HostUnknownError(f"the name “{host}” has no address right now")
    return list(dict.fromkeys(found))


async def _system_lookup(host: str, port: int) -> Sequence[str]:
    loop = asyncio.get_running_loop()
    answers = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(answer[4][0]) for answer in answers]


def _refusal(host: str, *, allow_private: bool) -> str:
    if allow_private:
        return f"“{host[:80]}” is not an address the center may speak to"
    return (
        f"“{host[:80]}” is not a public address; for servers in your own network"
        " set allow_private_hosts = true"
    )


def _plain(host: str) -> str:
    """Return `host` in lower case, as ASCII (IDNA), without brackets and the final dot."""
    text = host.strip()
    if text.startswith("[") and text.endswith("]"):
        return text[1:-1].lower()
    try:
        ascii_text = text.encode("idna").decode() if not text.isascii() else text
    except UnicodeError as error:
        raise AddressRefusedError(f"“{host[:80]}” is not a host name", field="host") from error
    plain = ascii_text.lower().removesuffix(".")
    if not plain or len(plain) > _HOST_CHARS or not plain.isprintable():
        raise AddressRefusedError("enter the name of a host", field="host")
    return plain


def _parsed(ip: IPAddress | str) -> IPAddress | None:
    if not isinstance(ip, str):
        return ip
    try:
        return ip_address(ip)
    except ValueError:
        return None


def _translated(address: IPAddress) -> IPAddress:
    """Return the IPv4 address that packets to this IPv6 address would really reach, or itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _SIX_TO_FOUR:
        return IPv4Address(int(address) >> 80 & 0xFFFF_FFFF)
    if address in _MAPPED or address in _NAT64:
        return _last_32_bits(address)
    return address


def _last_32_bits(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFF_FFFF)


def _family(ip: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in ip else socket.AF_INET
