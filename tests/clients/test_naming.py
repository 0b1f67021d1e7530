"""Names, addresses and numbers have one form each."""

import pytest

from clients.naming import folded, handle_of, name_without, one_line, query_words, words_of
from kernel.limits import HANDLE_CHARS, NAME_CHARS


@pytest.mark.parametrize(
    ("channel", "given", "kept"),
    [
        ("mail", " Ivan@Example.COM. ", "ivan@example.com"),
        ("mail", "ivan@пошта.укр", "ivan@xn--80a1acn3a.xn--j1amh"),
        ("mail", "ivan@ПОШТА.УКР", "ivan@xn--80a1acn3a.xn--j1amh"),
        ("mail", "ivan@straße.de", "ivan@xn--strae-oqa.de"),
        ("mail", "ivan+shop@example.com", "ivan+shop@example.com"),
        ("sms", "+38 (044) 123-45-67", "+380441234567"),
        ("telegram", "CaseMatters", "CaseMatters"),
        ("webchat", "key:Visitor\x00 1", "key:Visitor 1"),
        ("telegram", "a\ud800b", "ab"),
    ],
)
def test_a_handle_has_one_form(channel: str, given: str, kept: str) -> None:
    assert handle_of(channel, given) == kept


def test_domains_that_only_look_alike_stay_two() -> None:
    assert handle_of("mail", "a@straße.de") != handle_of("mail", "a@strasse.de")
    assert handle_of("mail", "a@аpple.com") != handle_of("mail", "a@apple.com")


def test_overlong_handles_are_cut_without_becoming_one() -> None:
    one, other = (handle_of("webchat", "x" * 5_000 + end) for end in ("a", "b"))

    assert len(one) == len(other) == HANDLE_CHARS
    assert one != other


def test_a_name_is_one_line_without_tricks() -> None:
    assert one_line("Eve\r\nBcc: all\x00 \u202e evil\u200b") == "Eve Bcc: all evil"
    assert len(one_line("x" * 10_000)) == NAME_CHARS


def test_folding_knows_more_than_ascii() -> None:
    assert folded("ІВАН Їжак") == "іван їжак"


def test_a_client_is_found_by_name_address_and_number_but_not_by_a_visitor_number() -> None:
    words = words_of(
        "Ivan O'Neil-Petrenko",
        "ivan@example.com",
        "+380441234567",
        [("mail", "ivan@work.example"), ("webchat", "w1:0f3c")],
    )

    assert words == {
        "ivan",
        "o'neil-petrenko",
        "ivan@example.com",
        "+380441234567",
        "ivan@work.example",
    }


@pytest.mark.parametrize(
    ("channel", "handle", "name"),
    [
        ("webchat", f"w1:visitor:{'0' * 28}3f2a", "Visitor 3f2a"),
        ("webchat", "w1:user:olena:7", "olena:7"),
        ("webchat", "w1:visitor:short", "w1:visitor:short"),
        ("mail", "anna@example.com", "anna@example.com"),
    ],
)
def test_who_told_no_name_is_called_by_what_the_channel_calls_them(
    channel: str, handle: str, name: str
) -> None:
    assert name_without(channel, handle) == name


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("Pet Ivan", ["ivan", "pet"]),
        ("ivan@exa", ["ivan@exa"]),
        ("+3804", ["+3804"]),
        ("%_'\"*", []),
        ("\x00\ud800", []),
    ],
)
def test_a_query_becomes_words(query: str, words: list[str]) -> None:
    assert query_words(query) == words
