"""Delivery reports are read in the standard form and in the forms servers really send."""

import pytest

from channels.mail.bounces import Bounce
from channels.mail.parse import parse_mail

ORIGINAL = "<cc." + ".".join("a" * 26 for _ in range(3)) + "@desk.example>"


def report(fields: str, original: str = ORIGINAL) -> Bounce | None:
    return parse_mail(
        (
            "From: MAILER-DAEMON@mx.example\r\nSubject: report\r\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
            "--b\r\n\r\nwords\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            f"Reporting-MTA: dns; mx.example\r\n\r\n{fields}\r\n"
            "--b\r\nContent-Type: message/rfc822\r\n\r\n"
            f"Message-ID: {original}\r\nFrom: support@desk.example\r\n\r\nhi\r\n--b--\r\n"
        ).encode()
    ).bounce


@pytest.mark.parametrize("action", ["failed", "delayed", "delivered", "relayed", "expanded"])
def test_the_action_the_recipient_and_the_reason_are_read(action: str) -> None:
    found = report(
        f"Final-Recipient: rfc822; ann@client.example\r\nAction: {action}\r\n"
        "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such\r\n  user\r\n"
    )

    assert found == Bounce(
        action=action,
        recipient="ann@client.example",
        reason="550 5.1.1 no such user",
        message_ids=(ORIGINAL,),
    )


def test_of_several_recipients_the_worst_news_counts() -> None:
    found = report(
        "Final-Recipient: rfc822; a@x.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\n"
        "Final-Recipient: rfc822; b@x.example\r\nAction: failed\r\nStatus: 5.7.1\r\n"
    )

    assert found is not None
    assert (found.action, found.recipient, found.reason) == ("failed", "b@x.example", "5.7.1")


@pytest.mark.parametrize("fields", ["", "Action: exploded\r\n", "rubbish", "Action:\r\n"])
def test_a_report_that_says_nothing_is_none(fields: str) -> None:
    assert report(fields) is None


@pytest.mark.parametrize(
    "body",
    [
        (
            "This message was created automatically by mail delivery software.\n\n"
            "A message that you sent could not be delivered to one or more of its\n"
            "recipients. This is a permanent error. The following address(es) failed:\n\n"
            "  ann@client.example\n    user unknown\n\n"
            "------ This is a copy of the message, including all the headers. ------\n\n"
            f"Message-ID: {ORIGINAL}\n"
        ),
        (
            "Hi. This is the qmail-send program at mx.example.\n"
            "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
            "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
            "<ann@client.example>:\nuser unknown\n\n--- Below this line is a copy of it.\n\n"
            f"Message-ID: {ORIGINAL}\n"
        ),
    ],
    ids=["exim", "qmail"],
)
def test_reports_of_no_standard_are_recognised(body: str) -> None:
    raw = (
        "Return-Path: <>\nFrom: Mail Delivery System <Mailer-Daemon@mx.example>\n"
        f"Subject: Mail delivery failed\n\n{body}"
    )

    found = parse_mail(raw.encode()).bounce

    assert found is not None
    assert (found.action, found.recipient) == ("failed", "ann@client.example")
    assert found.message_ids == (ORIGINAL,)


def test_a_client_who_quotes_a_bounce_is_no_bounce() -> None:
    raw = f"From: ann@client.example\n\nI got: <ann@x.example>: user unknown {ORIGINAL}\n"

    assert parse_mail(raw.encode()).bounce is None
