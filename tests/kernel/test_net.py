"""The addresses the center may speak to, in every spelling people have found."""

from collections.abc import Sequence

import pytest

from kernel.limits import HTTP_PORTS, MAIL_PORTS
from kernel.net import (
    AddressRefusedError,
    HostUnknownError,
    check_host,
    check_port,
    is_own_network,
    is_public,
    may_reach,
    resolve_public,
)

PUBLIC_V4, PUBLIC_V6 = "93.184.215.14", "2606:4700::6810:84e5"

NOT_PUBLIC = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.254",
    "192.0.0.8",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "::ffff:0:127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::1",
    "2001:0:808:808::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2606:4700::5efe:7f00:1",
    "2606:4700::200:5efe:10.0.0.1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1%eth0",
    "fec0::1",
    "ff02::1",
    "",
    "127.1",
    "0x7f.1",
    "010.8.8.8",
    "example.com",
]


@pytest.mark.parametrize("ip", NOT_PUBLIC)
def test_is_not_public(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize(
    "ip",
    [
        "8.8.8.8",
        PUBLIC_V4,
        "172.32.0.1",
        "100.128.0.1",
        "192.0.1.1",
        "223.255.255.254",
        PUBLIC_V6,
        "2a00:1450:4001:800::200e",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
    ],
)
def test_is_public(ip: str) -> None:
    assert is_public(ip)


@pytest.mark.parametrize(
    "ip", ["10.0.0.1", "127.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "::1", "fd12::1"]
)
def test_the_operators_switch_opens_the_own_network(ip: str) -> None:
    assert is_own_network(ip)
    assert may_reach(ip, allow_private=True)
    assert not may_reach(ip, allow_private=False)


@pytest.mark.parametrize(
    "ip",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "fd00:ec2::254",
        "100.100.100.200",
        "::ffff:100.100.100.200",
        "fe80::1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::",
    ],
)
def test_metadata_and_broadcast_addresses_stay_closed_whatever_the_operator_allows(ip: str) -> None:
    assert not may_reach(ip, allow_private=True)


SPELLINGS = [
    "127.1",
    "127.0.1",
    "0",
    "2130706433",
    "0x7f.1",
    "0x7f000001",
    "017700000001",
    "0177.0.0.1",
    "127.0.0.01",
    "127.0.0.1.",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "１２７.0.0.1",
    "[::]",
    "[::1]",
    "[::ffff:a9fe:a9fe]",
    "[::ffff:127.0.0.1]",
    "100.64.0.1",
    "[fd00:ec2::254]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:7f00:1::]",
    "192.0.0.8",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "ⓛocalhost",
    "127.0.0.1.nip.io",
    "app.localtest.me",
    "::1",
    "0.0.0.0",
    "169.254.169.254",
    "[fe80::1%25eth0]",
    "ok@127.0.0.1",
    "127.0.0.1:6379",
    "127.0.0.1/path",
    "127.0.0.1#",
    "ok\\@127.0.0.1",
    "host name",
    "host\r\nname",
    "host\x00name",
    "-rf.example",
    "a..b",
    ".",
    "",
    "x" * 300,
]


async def inside(host: str, port: int) -> Sequence[str]:
    """Stands for the name server: every name it is asked for leads inside."""
    return ["127.0.0.1"]


@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_spelling_leads_inside(host: str) -> None:
    with pytest.raises(AddressRefusedError):
        await resolve_public(host, 443, lookup=inside)


def test_a_host_has_one_plain_spelling() -> None:
    assert check_host("Mail.Example.COM.") == "mail.example.com"
    assert check_host("пошта.укр") == "xn--80a1acn3a.xn--j1amh"
    assert check_host("[2606:4700::1]") == "2606:4700::1"
    assert check_host("mail_server") == "mail_server"


async def test_one_inner_answer_among_public_ones_refuses_all() -> None:
    async def mixed(host: str, port: int) -> Sequence[str]:
        return [PUBLIC_V4, "10.0.0.1"]

    with pytest.raises(AddressRefusedError):
        await resolve_public("rebind.example.com", 443, lookup=mixed)


async def test_public_answers_come_back_to_be_connected_to() -> None:
    async def twice(host: str, port: int) -> Sequence[str]:
        return [PUBLIC_V6, PUBLIC_V4, PUBLIC_V4]

    found = await resolve_public("example.com", 993, lookup=twice)

    assert [(each.ip, each.port) for each in found] == [(PUBLIC_V6, 993), (PUBLIC_V4, 993)]


async def test_an_address_is_not_looked_up() -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        raise AssertionError(host)

    assert [each.ip for each in await resolve_public(PUBLIC_V4, 443, lookup=never)] == [PUBLIC_V4]


async def test_a_name_without_an_address_is_unknown() -> None:
    async def nothing(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    with pytest.raises(HostUnknownError, match="“example"):
        await resolve_public("example.com", 443, lookup=nothing)


async def test_this_machine_is_found_by_name_when_the_operator_allows_it() -> None:
    found = await resolve_public("localhost", 2_000, allow_private=True)

    assert {each.ip for each in found} <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("port", [0, 22, 25, 6379, 65_536, -1])
def test_only_agreed_ports_are_spoken_to(port: int) -> None:
    with pytest.raises(AddressRefusedError, match="443"):
        check_port(port, HTTP_PORTS)


def test_the_own_network_may_use_high_ports_but_no_other_low_ones() -> None:
    check_port(14_300, MAIL_PORTS, allow_private=True)
    check_port(993, MAIL_PORTS)
    with pytest.raises(AddressRefusedError):
        check_port(22, MAIL_PORTS, allow_private=True)
