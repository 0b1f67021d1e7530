"""A mail server with several addresses is reached while any of them answers."""

from collections.abc import Sequence

import pytest

from channels.errors import BadCredentialsError, MisconfiguredError, ProviderUnavailableError
from channels.mail.account import read_settings
from channels.mail.imap import open_mailbox
from channels.mail.servers import Server, find_servers
from channels.mail.smtp import Submission
from tests.channels.mail.scene import mail, settings
from tests.simulators.mail_servers import running_smtp
from tests.simulators.scripted_imap import ScriptedImap, scripted_imap

NOBODY_LISTENS = "127.0.0.2"


async def _two_addresses(host: str, port: int) -> Sequence[str]:
    return [NOBODY_LISTENS, "127.0.0.1"]


def _servers(script: ScriptedImap, *ips: str) -> list[Server]:
    return [Server(host="127.0.0.1", ip=ip, port=script.port) for ip in ips]


async def test_a_mailbox_is_opened_at_the_next_address_when_one_is_dead() -> None:
    async with scripted_imap() as script:
        account = read_settings(settings(imap_port=script.port), allow_private_hosts=True)

        servers = _servers(script, NOBODY_LISTENS, "127.0.0.1")
        async with open_mailbox(account, "x", servers) as mailbox:
            folder = await mailbox.open_folder("INBOX")

    assert folder.validity


async def test_when_every_address_is_dead_the_last_one_says_why() -> None:
    async with scripted_imap() as script:
        account = read_settings(settings(imap_port=script.port), allow_private_hosts=True)

        with pytest.raises(ProviderUnavailableError, match="no connection to"):
            async with open_mailbox(account, "x", _servers(script, NOBODY_LISTENS, "127.0.0.3")):
                pytest.fail("nobody was there")


async def test_a_refused_password_is_not_tried_at_the_other_addresses() -> None:
    async with scripted_imap(LOGIN="NO [AUTHENTICATIONFAILED] wrong") as script:
        account = read_settings(settings(imap_port=script.port), allow_private_hosts=True)

        with pytest.raises(BadCredentialsError):
            async with open_mailbox(account, "x", _servers(script, "127.0.0.1", "127.0.0.1")):
                pytest.fail("it was let in")

    assert sum(asked.startswith("LOGIN") for asked in script.asked) == 1


async def test_mail_is_handed_in_at_the_next_address_when_one_is_dead() -> None:
    async with running_smtp() as server:
        account = read_settings(
            settings(smtp=server, smtp_host="smtp.desk.example"), allow_private_hosts=True
        )
        submission = Submission(account, "", allow_private=True, lookup=_two_addresses)

        await submission.hand_over("support@desk.example", ["ann@client.example"], mail("Hello"))
        await submission.close()

    assert len(server.taken) == 1


async def test_every_address_is_vetted_and_ipv4_comes_first() -> None:
    async def outside(host: str, port: int) -> Sequence[str]:
        return ["2606:4700::1111", "1.1.1.1", "1.0.0.1"]

    async def mixed(host: str, port: int) -> Sequence[str]:
        return ["1.1.1.1", "127.0.0.1"]

    found = await find_servers("imap.example.com.", 993, "tls", allow_private=False, lookup=outside)

    assert [one.ip for one in found] == ["1.1.1.1", "1.0.0.1", "2606:4700::1111"]
    assert {one.host for one in found} == {"imap.example.com"}
    with pytest.raises(MisconfiguredError):
        await find_servers("imap.example.com", 993, "tls", allow_private=False, lookup=mixed)
