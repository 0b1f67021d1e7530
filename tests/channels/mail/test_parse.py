"""No mail breaks the parser, and what it says can be shown anywhere."""

import time
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.errors import UnreadableDeliveryError
from channels.mail.parse import ParsedMail, parse_mail
from kernel.limits import FILE_NAME_CHARS, MAIL_PARTS, MAIL_REFERENCES, SUBJECT_CHARS, TEXT_CHARS
from tests.channels.mail import nasty
from tests.channels.mail.nasty import CASES, RU, UK

WORK_SECONDS = 4.0
"""Of processor time for one mail; the worst of these takes a second, a quadratic one minutes."""


def parsed(name: str) -> ParsedMail:
    return parse_mail(CASES[name]())


@pytest.mark.parametrize("name", CASES)
def test_a_nasty_mail_is_read_or_refused_in_bounded_time(name: str) -> None:
    raw = CASES[name]()

    started = time.process_time()
    mail = parse_mail(raw)
    spent = time.process_time() - started

    assert spent < WORK_SECONDS
    assert_presentable(mail)


def assert_presentable(mail: ParsedMail) -> None:
    for line in (mail.subject, mail.sender_shown, *(one.name for one in (*mail.to, *mail.cc))):
        assert not any(ord(sign) < 32 or sign in "\u2028\u2029\u202e\x7f" for sign in line)
    assert "\x00" not in mail.text + mail.quoted + (mail.html or "")
    assert "<script" not in (mail.html or "")
    assert len(mail.subject) <= SUBJECT_CHARS
    assert len(mail.text) + len(mail.quoted) <= TEXT_CHARS + 10
    assert len(mail.references) <= MAIL_REFERENCES
    assert len(mail.files) <= MAIL_PARTS + 50
    for file in mail.files:
        assert 0 < len(file.name) <= FILE_NAME_CHARS
        assert not set(file.name) & set('/\\\x00\r\n\u202e<>"')


@given(st.binary(max_size=3_000))
@settings(max_examples=300, deadline=None)
def test_random_bytes_never_break_the_parser(raw: bytes) -> None:
    try:
        assert_presentable(parse_mail(raw))
    except UnreadableDeliveryError:
        assert not raw.strip()


@pytest.mark.slow
@given(st.sampled_from(sorted(CASES)[:60]), st.data())
@settings(max_examples=300, deadline=None)
def test_a_mail_damaged_anywhere_never_breaks_the_parser(name: str, data: st.DataObject) -> None:
    raw = CASES[name]()[:20_000]
    at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
    length = data.draw(st.integers(0, 200))
    put = data.draw(st.binary(max_size=20))

    mail = parse_mail(raw[:at] + put + raw[at + length :] + b"x")

    assert_presentable(mail)


_words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp")))


@pytest.mark.slow
@given(subject=_words, text=_words, name=_words, body=st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_what_the_standard_library_writes_is_read_back(
    subject: str, text: str, name: str, body: bytes
) -> None:
    message = EmailMessage()
    message["From"] = "ann@client.example"
    message["Subject"] = subject[:60]
    message.set_content(text)
    message.add_alternative("<p>page</p>", subtype="html")
    message.add_attachment(body, maintype="application", subtype="x", filename="f" + name[:20])

    mail = parse_mail(message.as_bytes(policy=policy.SMTP))

    assert mail.subject == " ".join(subject[:60].split())
    assert [file.data for file in mail.files] == [body]
    whole = "".join((mail.text + mail.quoted).split())
    assert whole == "".join(text.split()) or (not text.strip() and whole == "page")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("utf-8 said", UK),
        ("utf-8 not said", UK),
        ("cp1251 said", RU),
        ("cp1251 not said", RU),
        ("cp1251 called latin1", RU),
        ("koi8-u said", UK),
        ("koi8-r called ascii", RU),
        ("utf-8 called ascii", UK),
        ("utf-8 called cp1251 badly", RU),
        ("unknown alphabet", UK),
        ("utf-16", UK),
        ("iso-2022-jp", "日本"),
        ("html only", UK),
        ("html with meta", RU),
        ("base64 without padding", "Hello"),
        ("base64 with rubbish", "Hello"),
        ("uuencode", "hello"),
        ("no boundary", "hi"),
        ("no boundary, no parts", "hi"),
        ("boundary never seen", "hi"),
        ("never closed", "hi"),
        ("boundary with spaces", "hi"),
        ("named body", "hi"),
        ("boundary of regex", "hi"),
        ("no headers", "hello"),
        ("bare newlines", "hi\nthere"),
        ("bare returns", "hi"),
        ("mbox line", "hi"),
        ("NUL bytes", "ab"),
        ("alternative", "plain"),
        ("alternative, empty text", "page"),
        ("text after file", "one\n\ntwo"),
        ("flowed", "one two"),
        ("nested 25 deep", ""),
        ("one header of a megabyte", "hi"),
        ("50,000 Received lines", "hi"),
        ("empty body", ""),
    ],
)
def test_the_words_come_out(name: str, text: str) -> None:
    mail = parsed(name)

    assert mail.text == text or (text == "" and "s" in mail.subject + mail.text)


@pytest.mark.parametrize(
    ("case", "name"),
    [
        ("name of RFC 2231", "рах.pdf"),
        ("name in pieces", "ра.pdf"),
        ("name of RFC 2047", "рах.pdf"),
        ("name with path", "passwd"),
        ("name with bidi", "invoice gnp.exe"),
        ("name with markup", "svg onload=1 .png"),
        ("name of 4 KB", "n" * (FILE_NAME_CHARS - 4) + ".pdf"),
        ("mail in mail", "inner.eml"),
    ],
)
def test_a_file_gets_a_name_that_is_safe_anywhere(case: str, name: str) -> None:
    assert [file.name for file in parsed(case).files] == [name]


def test_a_decoded_subject_has_one_line() -> None:
    assert parsed("subject with CRLF inside").subject == "a Bcc: evil@x.example"
    assert parsed("subject split inside a letter").subject == "Пр"
    assert parsed("subject raw cp1251").subject == "s"


def test_a_raw_8_bit_subject_is_read() -> None:
    raw = b"From: a@b.example\r\nSubject: " + RU.encode("cp1251") + b"\r\n\r\nhi"

    assert parse_mail(raw).subject == RU


def test_pictures_of_the_page_are_inline_and_other_files_are_not() -> None:
    mail = parsed("related picture")

    assert mail.html == '<img data-cid="pic@x">'
    assert [(file.content_id, file.inline, file.media_type) for file in mail.files] == [
        ("pic@x", True, "image/png")
    ]
    assert not parsed("text after file").files[0].inline


def test_the_files_inside_winmail_dat_are_taken_out() -> None:
    assert [(file.name, file.media_type) for file in parsed("winmail.dat").files] == [
        ("winmail.dat", "application/ms-tnef"),
        ("plan.pdf", "application/pdf"),
    ]
    assert [file.name for file in parsed("winmail.dat broken").files] == ["winmail.dat"]


def test_a_mail_inside_a_mail_says_nothing_about_the_sender_or_the_thread() -> None:
    mail = parsed("mail in mail")

    assert mail.sender is not None
    assert mail.sender.address == "ann@client.example"
    assert mail.message_id is None


@pytest.mark.parametrize(
    "name", ["20,000 empty parts", "100,000 empty parts", "nested 25 deep", "nested 3,000 deep"]
)
def test_a_mail_beyond_the_limits_says_so(name: str) -> None:
    assert "too_complex" in parsed(name).warnings


def test_html_beyond_the_limits_is_shown_as_its_text() -> None:
    assert "html_simplified" in parsed("html nested deep").warnings


def test_a_page_that_says_something_else_than_its_text_is_marked() -> None:
    page = b"<p>" + b" ".join(b"pay%dmoney transfer%d" % (n, n) for n in range(20)) + b"</p>"
    raw = nasty.multi(
        "alternative", nasty.part("text/plain", b"Harmless news."), nasty.part("text/html", page)
    )

    assert "text_and_html_differ" in parse_mail(raw).warnings
    assert "text_and_html_differ" not in parsed("alternative").warnings


@pytest.mark.slow
def test_fifty_megabytes_survive_whole() -> None:
    data = bytes(range(256)) * 4096 * 36
    raw = nasty.attached("Content-Disposition: attachment; filename=big.bin", data)

    started = time.process_time()
    mail = parse_mail(raw)

    assert len(raw) > 48 * 2**20
    assert mail.files[0].data == data
    assert time.process_time() - started < WORK_SECONDS


def test_an_empty_delivery_is_unreadable() -> None:
    with pytest.raises(UnreadableDeliveryError):
        parse_mail(b" \r\n")


def test_the_tree_is_the_one_the_standard_library_sees() -> None:
    inner = nasty.multi("alternative", nasty.part("text/plain", b"a\r\n--b\r\n"), boundary="in")
    raw = nasty.multi("mixed", inner, nasty.part("image/png", nasty.PNG), boundary="inb")

    mail = parse_mail(raw)

    leaves = [part for part in message_from_bytes(raw).walk() if not part.is_multipart()]
    assert [part.get_content_type() for part in leaves] == ["text/plain", "image/png"]
    assert len(mail.files) == 1
    assert mail.text.startswith("a\n--b")
