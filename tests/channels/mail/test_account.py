"""Wrong settings are refused with the field and the cure."""

from typing import Any
from uuid import uuid4

import pytest

from channels.envelope import Account, Checks, Connector, Listens
from channels.errors import MisconfiguredError
from channels.mail.account import read_settings, secrets_bound_elsewhere
from channels.mail.connector import MailConnector
from kernel.clock import SystemClock
from kernel.guests import Guests
from tests.channels.mail.scene import settings

PUBLIC: dict[str, Any] = {"imap_tls": "tls", "smtp_tls": "starttls"}


def test_good_settings_are_taken() -> None:
    found = read_settings(settings(**PUBLIC, aliases=["Sales@desk.example"]))

    assert found.own_addresses() == {"support@desk.example", "sales@desk.example"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"address": "support"}, "address"),
        ({"address": "a@b.example\r\nBcc: x@y.example"}, "address"),
        ({"aliases": ["x"]}, "aliases"),
        ({"aliases": [f"a{number}@b.example" for number in range(51)]}, "aliases"),
        ({"imap_port": 80}, "imap_port"),
        ({"imap_port": 0}, "imap_port"),
        ({"imap_port": "993"}, "imap_port"),
        ({"smtp_port": 6379}, "smtp_port"),
        ({"imap_tls": "none"}, "imap_tls"),
        ({"smtp_tls": "none"}, "smtp_tls"),
        ({"imap_tls": "maybe"}, "imap_tls"),
        ({"imap_host": ""}, "imap_host"),
        ({"imap_user": "a\nb"}, "imap_user"),
        ({"folder": "IN\rBOX"}, "folder"),
        ({"display_name": "x" * 500}, "display_name"),
        ({"fetch_since": "yesterday"}, "fetch_since"),
        ({"colour": "red"}, "colour"),
        ({"imap_password": "secret"}, "imap_password"),
    ],
)
def test_a_wrong_setting_is_named(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(MisconfiguredError, match=field):
        read_settings({**settings(**PUBLIC), **wrong})


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.0.0.5",
        "169.254.169.254",
        "[::1]",
        "::ffff:127.0.0.1",
        "0x7f.1",
        "2130706433",
        "100.64.0.1",
    ],
)
async def test_servers_of_ones_own_network_need_the_operators_permission(host: str) -> None:
    account = Account(
        id=uuid4(),
        kind="mail",
        name="x",
        settings=settings(**PUBLIC, imap_host=host, smtp_host=host),
    )
    told: list[object] = []
    async with Guests("channels.mail.guest") as guests:
        mailbox = MailConnector(account, proof_key=b"k", clock=SystemClock(), guests=guests)

        with pytest.raises(MisconfiguredError):
            await mailbox.listen(_never, lambda *words: told.append(words))
        steps = await mailbox.check()

    assert [step.ok for step in steps] == [False, False]


async def test_the_mailbox_keeps_the_promises_of_a_channel() -> None:
    account = Account(id=uuid4(), kind="mail", name="x", settings=settings(**PUBLIC))
    async with Guests("channels.mail.guest") as guests:
        mailbox = MailConnector(account, proof_key=b"k", clock=SystemClock(), guests=guests)

        connected: Connector = mailbox
        listens: Listens = mailbox
        checks: Checks = mailbox

    assert (connected.kind, listens, checks) == ("mail", mailbox, mailbox)


async def _never(_: object) -> None:
    raise AssertionError("nothing may be delivered")


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({"imap_host": "imap.evil.example"}, {"imap_password": "imap_host"}),
        ({"imap_port": 143}, {"imap_password": "imap_port"}),
        ({"imap_user": "boss@desk.example"}, {"imap_password": "imap_user"}),
        ({"imap_tls": "none"}, {"imap_password": "imap_tls"}),
        ({"smtp_host": "smtp.evil.example"}, {"smtp_password": "smtp_host"}),
        ({"smtp_tls": "starttls"}, {"smtp_password": "smtp_tls"}),
        ({"smtp_user": ""}, {"smtp_password": "smtp_user"}),
        ({"display_name": "Help", "folder": "Old", "mark_seen": True}, {}),
    ],
)
def test_a_password_belongs_to_one_server_port_user_and_encryption(
    change: dict[str, Any], asked: dict[str, str]
) -> None:
    saved = settings(imap_tls="tls", imap_port=993, smtp_tls="tls", smtp_user="support")

    assert secrets_bound_elsewhere(saved, saved | change) == asked


def test_a_password_may_travel_better_protected_than_before() -> None:
    saved = settings(imap_tls="none", smtp_tls="starttls")

    assert secrets_bound_elsewhere(saved, saved | {"imap_tls": "tls", "smtp_tls": "tls"}) == {}


def test_a_default_that_is_left_out_is_no_change() -> None:
    saved = settings(imap_port=993, imap_tls="tls")
    wanted = {name: value for name, value in saved.items() if name not in {"imap_port", "imap_tls"}}

    assert secrets_bound_elsewhere(saved, wanted) == {}
