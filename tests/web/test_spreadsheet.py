"""A table that a spreadsheet opens holds what was put in, and computes nothing."""

import csv
import io

import pytest

from web.spreadsheet import as_csv


def cells(*row: str | float | None) -> list[str]:
    text = as_csv(["a"], [row]).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))[1]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_text_that_begins_like_a_formula_is_only_text(first: str) -> None:
    (cell,) = cells(f"{first}HYPERLINK(1)")

    assert cell == f"'{first}HYPERLINK(1)"


def test_quotes_commas_and_line_ends_stay_in_their_cell() -> None:
    assert cells('a"b', "c,d", "e\r\nf") == ['a"b', "c,d", "e\r\nf"]


def test_numbers_stay_numbers_and_nothing_is_empty() -> None:
    assert cells(-1, 2.5, None) == ["-1", "2.5", ""]
