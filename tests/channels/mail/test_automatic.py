"""Mail that no person wrote is told from mail that one did."""

import pytest

from channels.envelope import Automatic, Inbound, Report
from channels.mail.account import read_settings
from channels.mail.automatic import LOOP_HEADER
from channels.mail.parse import parse_mail
from channels.mail.translate import Translator
from tests.channels.mail.scene import KEY, USER, settings

REPLY, BULK, LOOP = Automatic.REPLY, Automatic.BULK, Automatic.LOOP

DECISIONS = [
    ("", None),
    ("Auto-Submitted: no", None),
    ("Auto-Submitted: auto-replied", REPLY),
    ("Auto-Submitted: auto-generated; x=y", REPLY),
    ("Auto-Submitted: auto-notified", REPLY),
    ("Precedence: auto_reply", REPLY),
    ("Precedence: bulk", BULK),
    ("Precedence: junk", BULK),
    ("Precedence: list", BULK),
    ("Precedence: first-class", None),
    ("X-Autoreply: yes", REPLY),
    ("X-Autorespond: x", REPLY),
    ("X-Auto-Response-Suppress: All", None),
    ("X-POST-MessageClass: 9; Autoresponder", REPLY),
    ("List-Id: <l.example>", BULK),
    ("List-Unsubscribe: <mailto:u@l.example>", BULK),
    ("Return-Path: <>", REPLY),
    ("Return-Path: <ann@client.example>", None),
    ("Subject: Automatic reply: your ticket", REPLY),
    ("Subject: Out of office", REPLY),
    ("Subject: I would like an automatic reply", None),
    ("Subject: Автоматична відповідь: Питання", REPLY),
    ("Subject: Автоответ: Вопрос", REPLY),
    ("Subject: =?utf-8?B?0JDQstGC0L7QvtGC0LLQtdGC?=", REPLY),
    ("Subject: Re: my parcel", None),
    (f"{LOOP_HEADER}: anything", LOOP),
    (f"{LOOP_HEADER}: x\r\nAuto-Submitted: auto-replied", LOOP),
    ("From: MAILER-DAEMON@mx.example", REPLY),
    ("From: postmaster@mx.example", REPLY),
    (f"From: {USER}", LOOP),
    ("From: Support@Desk.Example", LOOP),
    ("From: sales@desk.example", LOOP),
]


def received(headers: str, body: str = "hi") -> Inbound | Report:
    who = "" if headers.startswith("From:") else "From: ann@client.example\r\n"
    raw = f"{who}{headers}\r\n\r\n{body}".lstrip().encode()
    chosen = settings(aliases=["sales@desk.example"], trusted_authserv_id="mx.desk.example")
    translator = Translator(read_settings(chosen, allow_private_hosts=True), KEY)
    return translator.envelope("1", parse_mail(raw))


@pytest.mark.parametrize(("headers", "expected"), DECISIONS, ids=[line for line, _ in DECISIONS])
def test_who_wrote_it(headers: str, expected: Automatic | None) -> None:
    envelope = received(headers)

    assert isinstance(envelope, Inbound)
    assert envelope.automatic is expected


TWO_RESULTS = (
    "mx.evil.example;\r\n"
    "Authentication-Results: mx.desk.example; dmarc=pass header.from=client.example"
)
VOUCHED = [
    ("mx.desk.example; dmarc=pass header.from=client.example", True),
    ("mx.desk.example 1; spf=pass; dmarc=pass (p=none) header.from=client.example", True),
    ("MX.desk.example; dmarc=pass header.from=CLIENT.example", True),
    ("mx.desk.example; dmarc=fail header.from=client.example", False),
    ("mx.desk.example; dmarc=pass header.from=other.example", False),
    ("mx.desk.example; dmarc=pass", False),
    ("mx.desk.example; spf=pass; dkim=pass header.d=client.example", False),
    ("mx.evil.example; dmarc=pass header.from=client.example", False),
    ('mx.desk.example; spf=fail reason="; dmarc=pass header.from=client.example"', False),
    ("mx.desk.example; spf=none (dmarc=pass header.from=client.example)", False),
    (
        TWO_RESULTS,
        False,
    ),
    ("mx.desk.example; none", False),
    (";;;((((", False),
    ("mx.desk.example; " + "(" * 20_000, False),
]


@pytest.mark.parametrize(("header", "expected"), VOUCHED)
def test_a_sender_is_proven_by_our_own_server_alone(header: str, expected: bool) -> None:
    envelope = received(f"Authentication-Results: {header}")

    assert isinstance(envelope, Inbound)
    assert envelope.sender_proven is expected


def test_an_unclear_sender_is_nobody_and_says_so() -> None:
    envelope = received("From: ceo@victim.example <x@evil.example>")

    assert isinstance(envelope, Inbound)
    assert envelope.sender.handle.startswith("unauthenticated:")
    assert "@" not in envelope.sender.handle
    assert "ceo@victim.example" in envelope.sender.name
    assert "sender_unclear" in envelope.warnings
    assert "email" not in envelope.attributes


def test_a_bounce_without_proof_changes_nothing() -> None:
    body = "Your message could not be delivered to ann@client.example: user unknown"
    envelope = received("From: MAILER-DAEMON@mx.example\r\nSubject: failure notice", body)

    assert isinstance(envelope, Inbound)
    assert envelope.automatic is REPLY
