"""The one analyser: word forms meet, look-alikes do not, and no search syntax is left."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.analyser import Question, keys, question, terms, words
from kernel.limits import SEARCH_QUERY_WORDS, SEARCH_TERM_CHARS, SEARCH_TERMS
from tests.kernel.word_forms import (
    ENGLISH_PAIRS,
    KNOWN_TO_MEET,
    LOOK_ALIKES,
    RUSSIAN_PAIRS,
    UKRAINIAN_PAIRS,
    pairs,
)


def meet(first: str, second: str) -> bool:
    return not set(terms(first)).isdisjoint(terms(second))


def finds(asked: str, text: str, *, typing: bool = False) -> bool:
    """Answer as the index does: every word has a term in the text, the last may only begin one."""
    wanted, entry = question(asked, typing=typing), set(terms(text))
    complete = all(not entry.isdisjoint(group) for group in wanted.words)
    begun = any(term.startswith(wanted.beginnings) for term in entry)
    return bool(wanted) and complete and (begun or not wanted.beginnings)


@pytest.mark.parametrize(
    "table", [UKRAINIAN_PAIRS, RUSSIAN_PAIRS, ENGLISH_PAIRS], ids=["uk", "ru", "en"]
)
def test_forms_of_one_word_share_a_term(table: str) -> None:
    apart = [pair for pair in pairs(table) if not meet(*pair)]

    assert apart == []


def test_words_that_only_look_alike_stay_apart() -> None:
    assert [pair for pair in pairs(LOOK_ALIKES) if meet(*pair)] == []


def test_the_known_false_meetings_are_these_and_no_others() -> None:
    assert [pair for pair in pairs(KNOWN_TO_MEET) if not meet(*pair)] == []


@pytest.mark.parametrize("apostrophe", ["'", "’", "ʼ", "`", "‘", "´", ""])
def test_every_apostrophe_and_none_is_the_same_word(apostrophe: str) -> None:
    assert finds(f"компʼютер пам{apostrophe}ять", "Памʼять комп'ютера")


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("счет", "Выставлен счёт"),
        ("замок", "За\u0301мок зламано"),
        ("ґудзик", "Немає ґудзиків"),
        ("місто", "Micто"),
        ("cafe", "Café"),
        ("ORDER", "ｏｒｄｅｒ"),
        ("office", "o\ufb03ce"),
        ("delivery", "de\u00adliv\u200bery"),
        ("strasse", "Straße"),
        ("customer's", "customers"),
    ],
    ids=["yo", "stress", "ghe", "latin twins", "accent", "wide", "ligature", "hidden", "sz", "s"],
)
def test_spellings_of_one_word_meet(asked: str, text: str) -> None:
    assert finds(asked, text)


@pytest.mark.parametrize(
    "asked", ["INV-2024-00123", "inv202400123", "2024-00123", "00123", "inv-2024-00"]
)
def test_an_order_number_is_found_whole_in_parts_and_without_marks(asked: str) -> None:
    assert finds(asked, "Оплата INV-2024-00123, дякую", typing=True)


@pytest.mark.parametrize("asked", ["olena.k@shop.example", "shop.example", "olena.k", "Olena"])
def test_an_address_is_found_whole_and_by_its_parts(asked: str) -> None:
    assert finds(asked, "Пишіть на Olena.K@shop.example!", typing=True)


def test_a_whole_address_does_not_find_its_neighbour() -> None:
    assert not finds("olena.k@shop.example", "ivan.k@shop.example and olena.b@shop.example")


@pytest.mark.parametrize("asked", ["e-mail", "email", "mail"])
def test_a_hyphen_may_be_left_out(asked: str) -> None:
    assert finds(asked, "by e-mail")


@pytest.mark.parametrize("typed", ["до", "дост", "доставк", "доставкою"])
def test_the_last_word_is_found_while_it_is_typed(typed: str) -> None:
    assert finds(f"швидка {typed}", "Швидкою доставкою", typing=True)


def test_a_finished_last_word_is_not_a_beginning() -> None:
    assert question("порт ").beginnings == ()
    assert not finds("порт ", "портрет", typing=True)
    assert finds("порт", "портрет", typing=True)


def test_a_word_of_unknown_language_is_found_by_the_forms_of_both() -> None:
    assert finds("карткою", "картка")
    assert finds("заявками", "заявка")
    assert finds("товарам", "товар")


def test_common_words_are_not_searched() -> None:
    assert terms("що це the and или") == []
    assert question("де the ", typing=False).words == (("де",),)
    assert not question("the and ", typing=True)


@pytest.mark.parametrize(
    "text", ["", " ", '"*:&|!()%_\\', "\x00\u202e\ud800", "🙂🙂", "'''", "-.@+_"]
)
def test_what_is_no_word_asks_nothing(text: str) -> None:
    assert terms(text) == []
    assert question(text) == Question()


@pytest.mark.parametrize("text", ['"', "NEAR(a b, 2)", "a*", "col:x", "a & b | !c:*", "50%_\\"])
def test_no_search_syntax_survives(text: str) -> None:
    wanted = question(text)
    every = [*terms(text), *wanted.beginnings, *(term for group in wanted.words for term in group)]

    assert all(term.isalnum() for term in every)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_terms_of_any_text_are_short_lower_case_letters_and_digits(text: str) -> None:
    wanted = question(text)
    every = [*terms(text), *wanted.beginnings, *(term for group in wanted.words for term in group)]

    assert all(term.isalnum() and 0 < len(term) <= SEARCH_TERM_CHARS for term in every)
    assert all(term.isascii() <= (term == term.lower()) for term in every)
    assert len(wanted.words) <= SEARCH_QUERY_WORDS


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="абвгґдеєжзиіїйклмнопрстуфхцчшщьюяыэъё'", min_size=1, max_size=25))
def test_a_word_finds_itself(word: str) -> None:
    found = terms(word)

    assert not found or finds(word, word)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 500_000,
        "а" * 500_000,
        "а\u0301\u0316" * 150_000,
        "ﷺ" * 500_000,
        "a." * 250_000,
        "'" * 500_000,
        "-@" * 250_000,
        "".join(f"w{n} " for n in range(100_000)),
    ],
    ids=["run", "cyrillic run", "marks", "expanding", "dots", "quotes", "separators", "distinct"],
)
def test_any_text_takes_bounded_time_and_yields_bounded_terms(text: str) -> None:
    started = time.process_time()

    found = terms(text)
    question(text)

    assert len(found) <= SEARCH_TERMS
    assert time.process_time() - started < 2.0


def test_the_words_of_a_text_come_once_in_reading_order() -> None:
    assert words("refund order refund orders card", limit=2) == [("refund",), ("order",)]


def test_a_very_long_word_keeps_its_beginning_only() -> None:
    assert {len(term) for term in keys("x9" * 10)} == {20}
    assert max(map(len, terms("x9" * 30))) == SEARCH_TERM_CHARS
