"""What is written as a mail is read back as it was meant, and starts no header of its own."""

import email
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from channels.envelope import Outbound, OutboundFile, Party
from channels.errors import MessageRejectedError
from channels.mail.account import read_settings
from channels.mail.automatic import LOOP_HEADER
from channels.mail.compose import ComposedMail, compose
from channels.mail.parse import parse_mail
from tests.channels.mail.scene import KEY, USER, answer, settings

NOW = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
HEADERS = {
    "from", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references",
    "content-type", "content-transfer-encoding", "mime-version",
}  # fmt: skip
EVIL = [
    "a\r\nBcc: evil@x.example",
    "a\nX-Evil: 1",
    "a\rb",
    "a\x85b",
    "a\u2028b",
    "a\x0b\x0cb",
    "\x00",
]
EVIL += ["=?utf-8?q?a=0D=0ABcc:_evil@x.example?=", "=?utf-8?b?DQpCY2M6IGV2aWw=?=", '"\r\n\r\nbody']


def composed(message: Outbound, **chosen: object) -> ComposedMail:
    checked = read_settings(settings(None, None, **chosen), allow_private_hosts=True)
    return compose(message, checked, key=KEY, host="desk.example", now=NOW)


def read(mail: ComposedMail) -> EmailMessage:
    found = email.message_from_bytes(mail.data, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


@pytest.mark.parametrize("evil", EVIL)
def test_no_text_can_start_a_header_or_add_a_recipient(evil: str) -> None:
    message = answer(
        subject=evil,
        author_name=evil,
        recipient=Party(handle="ann@client.example", name=evil),
        cc=(Party(handle="ben@client.example", name=evil),),
        in_reply_to=f"<{evil}@x>",
        references=(evil, f"<{evil}>"),
        files=(OutboundFile(name=evil, media_type=f"text/{evil}", data=b"x", content_id=evil),),
        html=f"<p>{evil}</p>",
    )

    mail = composed(message, plus_addressing=True)

    assert mail.recipients == ("ann@client.example", "ben@client.example")
    assert {name.lower() for name in read(mail)} <= HEADERS
    head = mail.data.partition(b"\r\n\r\n")[0]
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert b"\r" not in head.replace(b"\r\n", b"")
    again = parse_mail(mail.data)
    assert [one.address for one in (*again.to, *again.cc)] == list(mail.recipients)


@given(st.text(max_size=120), st.text(max_size=60))
@tuned(max_examples=200, deadline=None)
def test_any_subject_and_name_come_back_on_one_line(subject: str, name: str) -> None:
    mail = composed(
        answer(subject=subject, recipient=Party(handle="ann@client.example", name=name))
    )

    again = parse_mail(mail.data)
    assert {one.lower() for one in read(mail)} <= HEADERS
    assert [one.address for one in again.to] == ["ann@client.example"]
    plain = "".join(sign for sign in subject if sign.isalnum())
    assert "".join(sign for sign in again.subject if sign.isalnum()) == plain


@pytest.mark.parametrize(
    "handle",
    [
        "",
        "ann",
        "ann@",
        "a\r\nRCPT TO:<x@y.example>@client.example",
        "ann@client.example\r\nRCPT TO:<x@y.example>",
        "ann@client.example\n",
        "ann@client.example>",
        "<ann@client.example>",
        "ann@client.example, ben@client.example",
        "ann@client.example ben@client.example",
        "ann\x00@client.example",
        "ann\u2028@client.example",
        "unauthenticated",
    ],
)
def test_what_is_no_single_address_is_refused(handle: str) -> None:
    with pytest.raises(MessageRejectedError):
        composed(answer(cc=(Party(handle=handle),)))


def test_a_hundred_recipients_with_foreign_names_come_back() -> None:
    many = tuple(
        Party(handle=f"client{number}@client.example", name=f"Клієнт, номер «{number}»")
        for number in range(100)
    )

    mail = composed(answer(to=many))

    again = parse_mail(mail.data)
    assert [(one.address, one.name) for one in again.to[1:]] == [
        (one.handle, one.name) for one in many
    ]
    assert len(mail.recipients) == 101


def test_the_message_id_depends_on_the_message_alone() -> None:
    message = answer()

    first, second = composed(message), composed(message, display_name="Other")

    assert first.message_id == second.message_id
    assert first.message_id != composed(answer()).message_id
    assert parse_mail(first.data).message_id == first.message_id


def test_an_answer_stands_in_its_thread() -> None:
    references = tuple(f"<{number}@client.example>" for number in range(50))

    mail = parse_mail(
        composed(answer(in_reply_to="<last@client.example>", references=references)).data
    )

    assert mail.in_reply_to == ("<last@client.example>",)
    assert mail.references[0] == "<0@client.example>"
    assert mail.references[-2:] == ("<49@client.example>", "<last@client.example>")
    assert len(mail.references) == 30


def test_the_plus_address_is_used_only_where_it_works() -> None:
    message = answer(ticket_id=UUID(int=5))

    assert read(composed(message))["Reply-To"] is None
    assert "support+" in read(composed(message, plus_addressing=True))["Reply-To"]
    assert parse_mail(composed(message, plus_addressing=True).data).sender is not None


def test_what_nobody_wrote_says_so() -> None:
    by_machine, by_person = composed(answer(automatic=True)), composed(answer())

    assert read(by_machine)["Auto-Submitted"] == "auto-replied"
    assert LOOP_HEADER in read(by_machine)
    assert parse_mail(by_machine.data).automatic == "loop"
    assert parse_mail(by_person.data).automatic is None


@pytest.mark.parametrize(
    "text",
    ["plain", "Привіт\nсвіте", "line " * 500, "mixed é", ".\n..\nFrom x", "a\r\nb"],
)
def test_any_text_survives(text: str) -> None:
    mail = composed(answer(text, html="<p>page</p>"))

    body = read(mail).get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n").rstrip("\n") == text.replace("\r", "")
    assert mail.data.isascii()
    assert max(map(len, mail.data.split(b"\r\n"))) <= 998


def test_an_author_is_shown_before_the_desk() -> None:
    sender = parse_mail(composed(answer(author_name="Олена")).data).sender

    assert sender is not None
    assert (sender.address, sender.name) == (USER, "Олена (Desk)")


def test_international_domains_go_out_in_ascii() -> None:
    mail = composed(answer(recipient=Party(handle="ann@приклад.укр")))

    assert mail.recipients == ("ann@xn--80aikifvh.xn--j1amh",)
    assert mail.data.isascii()
