"""Mail goes out through a real SMTP server, and each way of failing is told apart."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from channels.envelope import Inbound, OutboundFile, Party, Report, Status
from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    MisconfiguredError,
    ProviderUnavailableError,
)
from channels.mail.connector import MailConnector
from channels.mail.parse import parse_mail
from kernel.guests import Guests
from tests.channels.mail.scene import (
    USER,
    Desk,
    answer,
    connector,
    listening,
    mail,
    settings,
)
from tests.ports import free_port
from tests.simulators.mail_servers import (
    Dovecot,
    SmtpServer,
    certificate_for,
    running_smtp,
)

CLIENT = "ann@client.example"


@pytest.fixture
async def server() -> AsyncIterator[SmtpServer]:
    async with running_smtp() as server:
        yield server


@pytest.fixture
async def mailbox(server: SmtpServer, guests: Guests) -> AsyncIterator[MailConnector]:
    async with connector(settings(smtp=server), guests) as mailbox:
        yield mailbox


async def test_an_answer_reaches_exactly_whom_it_names(
    mailbox: MailConnector, server: SmtpServer
) -> None:
    message = answer(
        to=(Party(handle="BEN@client.example"),),
        cc=(Party(handle="cleo@client.example"), Party(handle=CLIENT)),
    )

    receipt = await mailbox.send(message)

    taken = await server.next_mail()
    assert taken.sender == USER
    assert taken.recipients == (CLIENT, "BEN@client.example", "cleo@client.example")
    assert email.message_from_bytes(taken.data)["Message-ID"] == receipt.external_id


async def test_ten_answers_share_one_connection(mailbox: MailConnector, server: SmtpServer) -> None:
    await asyncio.gather(*(mailbox.send(answer(f"number {number}")) for number in range(10)))

    assert len(server.taken) == 10
    assert server.connections == 1


async def test_a_second_try_carries_the_same_message_id(
    mailbox: MailConnector, server: SmtpServer
) -> None:
    message = answer()
    server.fail("DATA", "drop")

    with pytest.raises(ProviderUnavailableError):
        await mailbox.send(message)
    await mailbox.send(message)

    first, second = (email.message_from_bytes(taken.data)["Message-ID"] for taken in server.taken)
    assert first == second


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("421 4.3.2 closing", ProviderUnavailableError),
        ("451 4.7.1 greylisted", ProviderUnavailableError),
        ("550 5.1.1 no such user", MessageRejectedError),
        ("554 5.7.1 looks like spam", MessageRejectedError),
    ],
)
async def test_a_refusal_is_told_in_the_servers_words_and_the_next_mail_goes_through(
    mailbox: MailConnector,
    server: SmtpServer,
    command: str,
    reply: str,
    error: type[Exception],
) -> None:
    server.fail(command, reply)

    with pytest.raises(error, match=reply[:5]):
        await mailbox.send(answer())
    await mailbox.send(answer("next"))

    assert len(server.taken) == 1


async def test_a_server_that_closes_a_used_connection_is_asked_again_at_once(
    mailbox: MailConnector, server: SmtpServer
) -> None:
    await mailbox.send(answer("first"))
    server.fail("MAIL", "421 4.7.0 too many mails on this connection")

    await mailbox.send(answer("second"))

    assert len(server.taken) == 2
    assert server.connections == 2


@pytest.mark.parametrize("size", [10_000, pytest.param(3 * 2**20, marks=pytest.mark.slow)])
async def test_a_mail_of_any_size_arrives_whole(
    mailbox: MailConnector, server: SmtpServer, size: int
) -> None:
    text = ".\r\n..dots\r\n" + "line of text\n" * (size // 13)
    data = bytes(range(256)) * (size // 256)
    file = OutboundFile(name="a.bin", media_type="application/octet-stream", data=data)

    await mailbox.send(answer(text, files=(file,)))
    await mailbox.send(answer("next"))

    mail = parse_mail((await server.next_mail()).data)
    assert mail.files[0].data == data
    assert (mail.text + mail.quoted).startswith(".\n..dots\nline of text\n")
    assert len(server.taken) == 2


async def test_a_large_mail_may_be_refused_like_any_other(
    mailbox: MailConnector, server: SmtpServer
) -> None:
    file = OutboundFile(name="a", media_type="application/octet-stream", data=b"x" * 2**21)
    server.fail("DATA", "552 5.3.4 too large")

    with pytest.raises(MessageRejectedError, match="too large"):
        await mailbox.send(answer(files=(file,)))


async def test_what_is_no_mail_server_is_not_quoted(guests: Guests) -> None:
    async def speak(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"-ERR secret banner of something else\r\n")
        await writer.drain()
        writer.close()

    port = free_port()
    async with (
        await asyncio.start_server(speak, "127.0.0.1", port),
        connector(settings(smtp_port=port, imap_port=port), guests) as mailbox,
    ):
        steps = await mailbox.check()

    assert [step.ok for step in steps] == [False, False]
    assert not any("secret" in step.detail for step in steps)


async def test_one_refused_recipient_keeps_the_mail_from_all(
    mailbox: MailConnector, server: SmtpServer
) -> None:
    server.fail("RCPT", "550 5.1.1 no such user")

    with pytest.raises(MessageRejectedError, match=r"ann@client\.example"):
        await mailbox.send(answer(to=(Party(handle="ben@client.example"),)))

    assert server.taken == []


async def test_a_server_that_is_away_is_tried_later(guests: Guests) -> None:
    async with connector(settings(smtp_port=free_port()), guests) as mailbox:
        with pytest.raises(ProviderUnavailableError):
            await mailbox.send(answer())


async def test_a_wrong_password_is_no_fault_of_the_message(guests: Guests) -> None:
    async with (
        running_smtp(sign_in=True) as server,
        connector(settings(smtp=server, smtp_user=USER), guests, password="wrong") as mailbox,
    ):
        with pytest.raises(BadCredentialsError, match="535"):
            await mailbox.send(answer())

    assert set(server.sign_ins) == {(USER, False)}


@pytest.mark.parametrize("mode", ["tls", "starttls"])
async def test_a_certificate_nobody_vouches_for_gets_no_password(
    mode: str, guests: Guests, tmp_path: Path
) -> None:
    certificate = certificate_for(tmp_path, "127.0.0.1")
    async with (
        running_smtp(tls=certificate, starttls=mode == "starttls", sign_in=True) as server,
        connector(settings(smtp=server, smtp_user=USER, smtp_tls=mode), guests) as mailbox,
    ):
        with pytest.raises(MisconfiguredError, match="certificate"):
            await mailbox.send(answer())

    assert server.sign_ins == []


@pytest.mark.parametrize("mode", ["tls", "starttls"])
async def test_a_certificate_for_another_name_gets_no_password(
    mode: str, guests: Guests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_for(tmp_path, "mail.other.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.cert))
    async with (
        running_smtp(tls=certificate, starttls=mode == "starttls", sign_in=True) as server,
        connector(settings(smtp=server, smtp_user=USER, smtp_tls=mode), guests) as mailbox,
    ):
        with pytest.raises(MisconfiguredError, match="certificate"):
            await mailbox.send(answer())

    assert server.sign_ins == []


@pytest.mark.parametrize("mode", ["tls", "starttls"])
async def test_a_trusted_certificate_of_the_right_name_is_taken(
    mode: str, guests: Guests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_for(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.cert))
    async with (
        running_smtp(tls=certificate, starttls=mode == "starttls", sign_in=True) as server,
        connector(
            settings(smtp=server, smtp_user=USER, smtp_tls=mode, smtp_host="localhost"), guests
        ) as mailbox,
    ):
        await mailbox.send(answer())

    assert server.sign_ins == [(USER, True)]


async def test_a_server_without_starttls_gets_no_password(guests: Guests) -> None:
    async with (
        running_smtp(sign_in=True) as server,
        connector(settings(smtp=server, smtp_user=USER, smtp_tls="starttls"), guests) as mailbox,
    ):
        with pytest.raises(MisconfiguredError, match="STARTTLS"):
            await mailbox.send(answer())

    assert server.sign_ins == []


@pytest.mark.slow
async def test_question_answer_and_reply_stay_one_thread(
    dovecot: Dovecot, smtp: SmtpServer, guests: Guests
) -> None:
    desk, ticket = Desk(), uuid4()
    dovecot.drop(USER, mail("Parcel?", Message_ID="<question@client.example>"))
    async with listening(settings(dovecot, smtp, plus_addressing=True), guests, desk) as mailbox:
        await desk.until(1)
        await mailbox.send(answer(ticket_id=ticket, in_reply_to="<question@client.example>"))
        [received] = dovecot.mails(CLIENT)
        seen = email.message_from_bytes(received, policy=email.policy.default)
        assert seen["In-Reply-To"] == "<question@client.example>"

        dovecot.drop(USER, mail("Re: Parcel?", "Thanks", In_Reply_To=seen["Message-ID"]))
        dovecot.drop(USER, mail("fresh", "by address", Cc=str(seen["Reply-To"])))
        await desk.until(3)
        envelopes = await mailbox.read(list(desk.stored.values()))

    claims = [each[0].ticket_claim for each in envelopes if isinstance(each, list)]
    assert claims == [None, ticket, ticket]


@pytest.mark.slow
async def test_a_bounce_is_reported_on_the_message_that_bounced(
    dovecot: Dovecot, smtp: SmtpServer, guests: Guests
) -> None:
    desk = Desk()
    message = answer()
    async with listening(settings(dovecot, smtp), guests, desk) as mailbox:
        receipt = await mailbox.send(message)
        dovecot.drop(USER, bounce_of(receipt.external_id))
        dovecot.drop(USER, bounce_of("<cc.guessed@desk.example>"))
        await desk.until(2)
        proven, unproven = await mailbox.read(list(desk.stored.values()))

    assert not isinstance(proven, Exception)
    assert not isinstance(unproven, Exception)
    [report], [stranger] = proven, unproven
    assert isinstance(report, Report)
    assert (report.message_id, report.status) == (message.key, Status.FAILED)
    assert "mailbox full" in report.reason
    assert isinstance(stranger, Inbound)
    assert "bounce_unproven" in stranger.warnings


def bounce_of(message_id: str) -> bytes:
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.client.example\r\n"
        f"To: {USER}\r\nSubject: Undelivered Mail\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.client.example\r\n\r\n"
        f"Final-Recipient: rfc822; {CLIENT}\r\nAction: failed\r\nStatus: 5.2.2\r\n"
        "Diagnostic-Code: smtp; 552 5.2.2 mailbox full\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {message_id}\r\nSubject: Re: parcel\r\n\r\n--b--\r\n"
    ).encode()


async def test_files_and_pictures_travel_with_the_mail(
    mailbox: MailConnector, server: SmtpServer
) -> None:
    picture = OutboundFile(
        name="лого.png", media_type="image/png", data=b"\x89PNG", content_id="logo@desk"
    )
    paper = OutboundFile(name="рахунок.pdf", media_type="application/pdf", data=b"%PDF-1.7")

    await mailbox.send(
        answer(html='<p>Hi <img alt="" data-cid="logo@desk"></p>', files=(picture, paper))
    )

    taken = await server.next_mail()
    seen = email.message_from_bytes(taken.data, policy=email.policy.default)
    page = seen.get_body(("html",))
    assert page is not None
    assert 'src="cid:logo@desk"' in page.get_content()
    assert [part.get_filename() for part in seen.iter_attachments()] == ["рахунок.pdf"]
    assert [part["Content-ID"] for part in seen.walk() if part["Content-ID"]] == ["<logo@desk>"]
