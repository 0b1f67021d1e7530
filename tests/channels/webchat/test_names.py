"""What visitors say of themselves arrives harmless."""

import pytest

from channels.webchat.names import clean_email, clean_name, clean_page, clean_text
from kernel.limits import CHAT_TEXT_CHARS, NAME_CHARS


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("  Olena   Koval ", "Olena Koval"),
        ("Support ✔ Agent", "Support Agent"),
        ("Agent\u202egpj.exe", "Agentgpj.exe"),
        ("A\u200bd\u2060min", "Admin"),
        ("line\nbreak\x00", "line break"),
        ("Ｓｕｐｐｏｒｔ", "Support"),
        ("🛡", ""),
        ("", ""),
        ("x" * 10_000, "x" * NAME_CHARS),
    ],
)
def test_a_name_is_one_plain_line(given: str, shown: str) -> None:
    assert clean_name(given) == shown


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" olena@shop.example ", "olena@shop.example"),
        ("олена@крамниця.example", "олена@крамниця.example"),
        ("olena@shop", ""),
        ("a@b.c, d@e.f", ""),
        ("Olena <olena@shop.example>", ""),
        ("a\r\nBcc: x@y.z", ""),
        ("x" * 252 + "@y.z", ""),
    ],
)
def test_an_address_is_one_address_or_none(given: str, kept: str) -> None:
    assert clean_email(given) == kept


def test_a_text_keeps_its_lines_and_loses_what_no_database_holds() -> None:
    assert clean_text(" a\r\nb\tc\x00\x1b[31m ") == "a\nb\tc[31m"
    assert len(clean_text("x" * 20_000)) == CHAT_TEXT_CHARS


def test_a_page_is_kept_without_what_it_carries() -> None:
    assert clean_page("https://shop.example/cart?token=secret#x") == "https://shop.example/cart"
    assert clean_page("javascript:alert(1)") == ""
