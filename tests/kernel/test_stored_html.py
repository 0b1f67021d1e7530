"""A stored copy of older rules is cleaned again when it is read; one of today's is left alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.html import VERSION, sanitise, to_text
from kernel.stored_html import UNKNOWN, up_to_date
from tests.kernel.test_html import HOSTILE, inspect

KEPT = (
    "<p>Dear <b>Ann</b></p><blockquote>Earlier</blockquote>"
    '<a href="https://shop.example/?a=1&amp;b=2">link</a>'
    '<img src="https://t.example/p.png?x=1&amp;y=%20" alt="a &quot;b&quot;">'
    '<img src="cid:logo@shop.example" width="20"><img src="cid:a b&quot;c">'
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_older_rules_let_through_is_cleaned_when_it_is_read(hostile: str) -> None:
    inspect(up_to_date(f"<p>before</p>{hostile}<p>after</p>", UNKNOWN))


def test_a_copy_of_todays_rules_is_given_as_it_is() -> None:
    stored = "<p onclick='x'>not looked at again</p>"

    assert up_to_date(stored, VERSION) == stored


def test_cleaning_again_keeps_words_links_and_pictures_in_their_places() -> None:
    stored = sanitise(KEPT).html

    again = up_to_date(stored, VERSION - 1)

    # The cleaner writes the attributes of a tag in any order.
    assert sorted(again) == sorted(stored)
    assert again.count("data-remote-src") == 1
    assert again.count("data-cid") == 2


@given(st.lists(st.sampled_from([*HOSTILE, KEPT]) | st.text(max_size=20), max_size=6).map("".join))
@settings(max_examples=200, deadline=None)
def test_cleaning_again_what_was_cleaned_loses_no_word(html: str) -> None:
    stored = sanitise(html).html

    again = up_to_date(stored, UNKNOWN)

    inspect(again)
    assert to_text(again) == to_text(stored)
