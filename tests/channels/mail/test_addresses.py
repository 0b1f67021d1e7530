"""Who sent a mail is one address that nobody can read differently, or nobody."""

from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mail.mime.addresses import Address, is_address, named, sole_sender
from channels.mail.parse import parse_mail

SURE = {
    "x@evil.example": ("x@evil.example", ""),
    "<x@evil.example>": ("x@evil.example", ""),
    " X@Evil.Example ": ("x@evil.example", ""),
    "Ann <x@evil.example>": ("x@evil.example", "Ann"),
    "Ann B. Cee <x@evil.example>": ("x@evil.example", "Ann B. Cee"),
    '"Cee, Ann" <x@evil.example>': ("x@evil.example", "Cee, Ann"),
    '"Ann \\"A\\" Cee" <x@evil.example>': ("x@evil.example", 'Ann "A" Cee'),
    "=?utf-8?B?0JDQvdGP?= <x@evil.example>": ("x@evil.example", "Аня"),
    '"=?utf-8?B?0JDQvdGP?=" <x@evil.example>': ("x@evil.example", "Аня"),
    "Аня <x@evil.example>": ("x@evil.example", "Аня"),
    "x@evil.example (Ann)": ("x@evil.example", "Ann"),
    "x@evil.example <x@evil.example>": ("x@evil.example", "x@evil.example"),
    '"ceo@victim.example" <x@evil.example>': ("x@evil.example", "ceo@victim.example"),
    "x@evil.example.": ("x@evil.example", ""),
    "<x@evil.example.>": ("x@evil.example", ""),
    "o'neil+tag@evil.example": ("o'neil+tag@evil.example", ""),
    "ім'я@приклад.укр": ("ім'я@приклад.укр", ""),
    "root@localhost": ("root@localhost", ""),
    "Ann\t<x@evil.example>": ("x@evil.example", "Ann"),
}
UNSURE = [
    "",
    " ",
    "Ann",
    "<>",
    "Ann <>",
    "ceo@victim.example <x@evil.example>",
    "<ceo@victim.example>x@evil.example",
    "<ceo@victim.example> <x@evil.example>",
    "<ceo@victim.example>, <x@evil.example>",
    "ceo@victim.example, x@evil.example",
    "ceo@victim.example; x@evil.example",
    "ceo@victim.example x@evil.example",
    "Ann <ceo@victim.example> x@evil.example",
    "Ann <ceo@victim.example, x@evil.example>",
    "Ann <<ceo@victim.example>>",
    "Ann <ceo@victim.example",
    "Ann ceo@victim.example>",
    "Ann <@victim.example:x@evil.example>",
    "<ceo@victim.example@evil.example>",
    "ceo@victim.example@evil.example",
    '"<ceo@victim.example>" x@evil.example',
    '"Ann <ceo@victim.example>',
    '"unclosed <x@evil.example>',
    "(ceo@victim.example) x@evil.example",
    "ceo(comment)@victim.example",
    "ceo@(comment)victim.example",
    "ceo@victim.example(x@evil.example)",
    "(<ceo@victim.example>) <x@evil.example>",
    "(a(b)c) <x@evil.example>",
    "ceo@victim.example\x00@evil.example",
    "ceo@victim.example\x00 <x@evil.example>",
    "Group: ceo@victim.example;",
    "Group: ceo@victim.example, x@evil.example;",
    "Group:;",
    "ceo @victim.example",
    "ceo@ victim.example",
    "<ceo @victim.example>",
    "c eo@victim.example",
    '"ceo"@victim.example',
    '"ceo victim"@victim.example',
    "ceo@[192.0.2.1]",
    ".ceo@victim.example",
    "ceo.@victim.example",
    "ce..o@victim.example",
    "ceo@victim..example",
    "ceo@.victim.example",
    "@victim.example",
    "ceo@",
    "=?utf-8?q?ceo=40victim.example?=",
    "=?utf-8?q?ceo=40victim.example?= <=?utf-8?q?x=40evil.example?=>",
    "=?utf-8?q?ceo?=@victim.example",
    "<=?utf-8?q?ceo?=@victim.example>",
    "=?utf-8?b?Y2VvQHZpY3RpbS5leGFtcGxlPg==?=",
    "ceo@victim.example\u202e",
    "ceo@vic\u200btim.example",
    "ce\u00a0o@victim.example",
    "ceo@victim.example\r\nFrom: x@evil.example",
    "ceo@victim.example\\",
    "Ann \\<ceo@victim.example\\> <x@evil.example>",
    "Ann, Ben <x@evil.example>",
    "Ann: <x@evil.example>",
    f"{'c' * 65}@victim.example",
    f"ceo@{'v' * 64}.example",
    f"ceo@{'v.' * 130}example",
]


@pytest.mark.parametrize("header", SURE)
def test_a_clear_sender_is_taken(header: str) -> None:
    address, name = SURE[header]

    assert sole_sender([header.encode()]) == Address(address, name)


@pytest.mark.parametrize("header", UNSURE)
def test_a_header_that_can_be_read_in_two_ways_names_nobody(header: str) -> None:
    assert sole_sender([header.encode()]) is None


def test_there_are_many_ways_to_be_unclear() -> None:
    assert len(UNSURE) >= 60
    trusting = [header for header in UNSURE if "@" in parseaddr(header)[1]]
    assert len(trusting) >= 15, "the common reader would have believed these"


@pytest.mark.parametrize(
    "values",
    [
        [],
        [b"ceo@victim.example", b"x@evil.example"],
        [b"x@evil.example", b"x@evil.example"],
    ],
)
def test_one_from_header_and_no_other_number(values: list[bytes]) -> None:
    assert sole_sender(values) is None


@given(st.text('ab@.<>()",;: \\=?é', max_size=40))
def test_whatever_is_taken_is_one_plain_address(header: str) -> None:
    found = sole_sender([header.encode()])

    assert found is None or (is_address(found.address) and found.address in header.lower())


@pytest.mark.slow
@given(st.text(max_size=30), st.sampled_from(["a@b.example", "x.y+z@b-c.example"]))
def test_what_the_standard_library_writes_is_understood(name: str, address: str) -> None:
    message = EmailMessage()
    try:
        message["From"] = f'"{name}" <{address}>'
    except ValueError:  # it refuses line breaks, as it should
        return
    found = parse_mail(message.as_bytes()).sender

    assert found is None or found.address == address


@pytest.mark.parametrize(
    ("header", "warning"),
    [
        ("ceo@victim.example <x@evil.example>", "sender_unclear"),
        ('"ceo@victim.example" <x@evil.example>', "name_shows_another_address"),
        ("Ann <x@evil.example>\r\nReply-To: other@evil.example", "reply_to_differs"),
    ],
)
def test_what_looks_like_a_trick_is_marked(header: str, warning: str) -> None:
    assert warning in parse_mail(f"From: {header}\r\n\r\nhi".encode()).warnings


def test_an_honest_sender_is_not_marked() -> None:
    raw = b"From: a@b.example <a@b.example>\r\nReply-To: A@B.example\r\n\r\nhi"

    assert parse_mail(raw).warnings == ()


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("a@b.example, c@d.example", ["a@b.example", "c@d.example"]),
        ('"Doe, John" <a@b.example>; c@d.example', ["a@b.example", "c@d.example"]),
        ("Team: a@b.example, c@d.example;", ["a@b.example", "c@d.example"]),
        ("undisclosed-recipients:;", []),
        ("a@b.example, A@B.example", ["a@b.example"]),
        ("rubbish, <a@b.example>", ["a@b.example"]),
        ('"unclosed <a@b.example>', ["a@b.example"]),
    ],
)
def test_recipients_are_read_leniently(header: str, found: list[str]) -> None:
    assert [one.address for one in named([header.encode()])] == found
