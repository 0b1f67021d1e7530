"""What can go wrong with a mail server is told in words, and no wait lasts for ever."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from channels.envelope import Health
from channels.errors import BadCredentialsError, MisconfiguredError, ProviderUnavailableError
from kernel.guests import Guests
from tests.channels.mail.scene import Desk, connector, settings
from tests.ports import free_port
from tests.simulators.mail_servers import certificate_for, running_dovecot, running_smtp
from tests.simulators.scripted_imap import SILENCE, ScriptedImap, scripted_imap


async def listen(guests: Guests, desk: Desk, server: ScriptedImap, **others: Any) -> None:
    chosen = settings(imap_port=server.port, **others)
    async with connector(chosen, guests, desk=desk) as mailbox:
        async with asyncio.timeout(8):
            await mailbox.listen(desk.deliver, desk.tell)


async def test_a_goodbye_while_idling_is_a_lost_connection(guests: Guests) -> None:
    async with scripted_imap(IDLE="* BYE see you") as server:
        with pytest.raises(ProviderUnavailableError, match="closed the connection"):
            await listen(guests, Desk(), server)


async def test_a_server_that_falls_silent_is_given_up(
    guests: Guests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.mail.follow.MAIL_IDLE_SECONDS", 0.1)
    monkeypatch.setattr("channels.mail.imap._ANSWER_SECONDS", 0.3)
    async with scripted_imap(IDLE=SILENCE) as server:
        with pytest.raises(ProviderUnavailableError, match="did not answer"):
            await listen(guests, Desk(), server)


@pytest.mark.parametrize("command", ["CAPABILITY", "LOGIN", "SELECT", "UID_SEARCH"])
async def test_silence_at_any_step_ends(
    guests: Guests, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr("channels.mail.imap._ANSWER_SECONDS", 0.3)
    monkeypatch.setattr("channels.mail.imap._GREETING_SECONDS", 0.3)
    desk = Desk()
    async with scripted_imap(**{command: SILENCE}) as server:
        with pytest.raises(ProviderUnavailableError, match="did not answer"):
            await listen(guests, desk, server)

    assert desk.told[-1][0] is Health.WAITING


@pytest.mark.parametrize(
    ("answer", "error", "health"),
    [
        ("NO [AUTHENTICATIONFAILED] wrong", BadCredentialsError, Health.BAD_CREDENTIALS),
        ("NO Application-specific password required", BadCredentialsError, Health.BAD_CREDENTIALS),
        ("NO [UNAVAILABLE] backend away", ProviderUnavailableError, Health.WAITING),
        ("NO [ALERT] Too many simultaneous connections", ProviderUnavailableError, Health.WAITING),
    ],
)
async def test_a_refused_sign_in_is_told_in_the_providers_words(
    guests: Guests, answer: str, error: type[Exception], health: Health
) -> None:
    desk = Desk()
    async with scripted_imap(LOGIN=answer) as server:
        with pytest.raises(error):
            await listen(guests, desk, server)

    assert desk.told[-1][0] is health
    assert answer[3:] in desk.told[-1][1]


async def test_no_password_is_sent_where_sign_in_is_not_offered(guests: Guests) -> None:
    async with scripted_imap(CAPABILITY="* CAPABILITY IMAP4rev1 LOGINDISABLED") as server:
        with pytest.raises(MisconfiguredError, match="TLS"):
            await listen(guests, Desk(), server)

    assert not any("LOGIN" in command for command in server.asked)


async def test_a_folder_that_is_not_there_is_named(guests: Guests) -> None:
    async with scripted_imap(SELECT="NO no such mailbox") as server:
        with pytest.raises(MisconfiguredError, match="“Запити” cannot be opened: no such mailbox"):
            await listen(guests, Desk(), server, folder="Запити")

    assert 'SELECT "&BBcEMAQ,BDgEQgQ4-"' in server.asked


async def test_a_folder_name_cannot_carry_a_command(guests: Guests) -> None:
    async with scripted_imap(SELECT="NO no such mailbox") as server:
        with pytest.raises(MisconfiguredError):
            await listen(guests, Desk(), server, folder='INBOX" A1 DELETE x\\')

    assert 'SELECT "INBOX\\" A1 DELETE x\\\\"' in server.asked


async def test_a_port_where_nobody_answers_is_waited_for(guests: Guests) -> None:
    desk = Desk()
    async with connector(settings(imap_port=free_port()), guests) as mailbox:
        with pytest.raises(ProviderUnavailableError):
            await mailbox.listen(desk.deliver, desk.tell)

    assert [health for health, _ in desk.told] == [Health.CONNECTING, Health.WAITING]


async def test_a_server_that_speaks_no_tls_is_a_wrong_setting(guests: Guests) -> None:
    async with scripted_imap() as server:
        with pytest.raises(MisconfiguredError, match="TLS"):
            await listen(guests, Desk(), server, imap_tls="tls")

    assert server.asked == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "trusted"), [("localhost", True), ("localhost", False), ("other.example", True)]
)
async def test_only_a_trusted_certificate_of_the_right_name_sees_the_password(
    guests: Guests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, trusted: bool
) -> None:
    certificate = certificate_for(tmp_path, name)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.cert))
    desk = Desk()
    async with running_dovecot(tls=certificate) as dovecot:
        chosen = settings(dovecot, imap_tls="tls", imap_host="localhost")
        async with connector(chosen, guests, desk=desk) as mailbox:
            listening = asyncio.create_task(mailbox.listen(desk.deliver, desk.tell))
            await desk.when(lambda: len(desk.told) > 1)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    right = trusted and name == "localhost"
    assert desk.told[1][0] is (Health.CONNECTED if right else Health.MISCONFIGURED)
    assert right or "certificate" in desk.told[1][1]


@pytest.mark.slow
async def test_a_check_names_each_step(guests: Guests) -> None:
    async with (
        running_dovecot() as dovecot,
        running_smtp(sign_in=True) as smtp,
        connector(settings(dovecot, smtp, smtp_user="support@desk.example"), guests) as mailbox,
    ):
        steps = await mailbox.check()

    assert [(step.name, step.ok) for step in steps] == [
        ("imap_connect", True),
        ("imap_sign_in", True),
        ("imap_folder", True),
        ("smtp_connect", True),
        ("smtp_sign_in", True),
    ]


async def test_a_check_says_what_would_cure_each_failure(guests: Guests) -> None:
    async with (
        scripted_imap(LOGIN="NO [AUTHENTICATIONFAILED] wrong") as imap,
        connector(settings(imap_port=imap.port, smtp_port=free_port()), guests) as mailbox,
    ):
        steps = await mailbox.check()

    assert [(step.name, step.ok) for step in steps] == [
        ("imap_connect", True),
        ("imap_sign_in", False),
        ("smtp_connect", False),
    ]
    assert "imap_password" in steps[1].cure
    assert "smtp_host" in steps[2].cure
