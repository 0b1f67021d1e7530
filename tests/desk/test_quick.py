"""Quick replies are buttons where the channel has them, and numbered lines where not."""

import msgspec
import pytest

from channels.capabilities import Capabilities
from desk.quick import in_parts, messages_of, worded

PLAIN = Capabilities(
    text_chars=100, beside_files_chars=100, files=1, file_bytes=1, all_files_bytes=1
)
BUTTONS = Capabilities(
    text_chars=100,
    beside_files_chars=100,
    files=1,
    file_bytes=1,
    all_files_bytes=1,
    choices=3,
    choice_chars=5,
    choices_text_chars=20,
)
ASKED = "Is it good? [[Yes]] [[No]]"


def test_a_channel_with_buttons_gets_them_apart_from_the_text() -> None:
    markup = "<p>Is it <b>good</b>? [[Yes]]</p><p> [[No]]</p>"

    said = worded(BUTTONS, ASKED, markup, files=False)

    assert (said.text, said.choices) == ("Is it good?", ("Yes", "No"))
    assert said.html == "<p>Is it <b>good</b>?</p><p></p>"


@pytest.mark.parametrize(
    ("can", "text", "files"),
    [
        (PLAIN, ASKED, False),
        (BUTTONS, ASKED, True),
        (BUTTONS, "Is it good? [[Certainly]] [[No]]", False),
        (BUTTONS, "Which? [[1]] [[2]] [[3]] [[4]]", False),
        (BUTTONS, "Is all of it really good? [[Yes]] [[No]]", False),
        (BUTTONS, "[[Yes]] [[No]]", False),
    ],
    ids=["none", "files", "long", "many", "long text", "no text"],
)
def test_what_the_channel_cannot_show_is_numbered(
    can: Capabilities, text: str, *, files: bool
) -> None:
    said = worded(can, text, None, files=files)

    assert said.choices == ()
    assert "\n1. " in f"\n{said.text}"
    assert "[[" not in said.text


def test_mail_is_numbered_in_its_markup_too() -> None:
    said = worded(PLAIN, "See [[a]] there? [[Yes]] [[A&B]]", None, files=False)
    markup = worded(
        PLAIN,
        "See [[a]] there? [[Yes]] [[A&B]]",
        "<p>See [[a]] there? [[Yes]] [[A&amp;B]]</p>",
        files=False,
    ).html

    assert said.text == "See [[a]] there?\n\n1. Yes\n2. A&B"
    assert markup == "<p>See [[a]] there?<br>1. Yes<br>2. A&amp;B</p>"


def test_an_answer_without_them_stays_as_it_is() -> None:
    said = worded(BUTTONS, "See [[a]] there.", "<p>See [[a]] there.</p>", files=False)

    assert (said.text, said.html) == ("See [[a]] there.", "<p>See [[a]] there.</p>")


def test_several_texts_are_one_message_with_the_choices_below() -> None:
    assert messages_of(PLAIN, ["Hello.", "Which?"], ["Yes", "No"]) == [
        "Hello.\n\nWhich?\n\n[[Yes]] [[No]]"
    ]
    assert messages_of(PLAIN, [], ["Yes"]) == []


def test_what_is_too_long_together_is_a_message_for_each_text() -> None:
    first, second = "x" * 60, "y" * 60

    assert messages_of(PLAIN, [first, second], ["Yes"]) == [first, f"{second}\n\n[[Yes]]"]


def test_more_choices_than_buttons_can_be_are_numbered() -> None:
    many = [str(one) for one in range(11)]

    (said,) = messages_of(PLAIN, ["Which?"], many)

    assert said.splitlines()[2:4] == ["1. 0", "2. 1"]


def test_texts_that_are_too_long_above_buttons_go_before_them() -> None:
    assert messages_of(BUTTONS, ["Welcome to the shop.", "Which?"], ["Yes"]) == [
        "Welcome to the shop.",
        "Which?\n\n[[Yes]]",
    ]
    assert messages_of(BUTTONS, ["Welcome to the shop.", "Which?"], ["Certainly"]) == [
        "Welcome to the shop.\n\nWhich?\n\n[[Certainly]]"
    ]


def test_a_text_that_is_too_long_by_itself_goes_in_parts_and_nothing_of_it_is_lost() -> None:
    first, second = "One sentence of it. " * 4, "Another sentence. " * 4
    text = f"{first.strip()}\n\n{second.strip()}"

    parts = messages_of(PLAIN, [text, "Which?"], ["Yes"])

    assert parts == [first.strip(), second.strip(), "Which?\n\n[[Yes]]"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("x" * 250, ["x" * 100, "x" * 100, "x" * 50]),
        (f"{'x' * 80}\n{'y' * 80}", ["x" * 80, "y" * 80]),
        (f"{'x' * 80} {'y' * 80}", ["x" * 80, "y" * 80]),
        (f"a. {'x' * 99}", [f"a. {'x' * 97}", "xx"]),
        ("😀" * 60, ["😀" * 50, "😀" * 10]),
        ("", []),
    ],
    ids=["no gap", "lines", "words", "an early gap", "wide letters", "nothing"],
)
def test_parts_end_where_something_ends(text: str, parts: list[str]) -> None:
    assert in_parts(PLAIN, text) == parts


def test_parts_obey_a_limit_in_bytes() -> None:
    narrow = msgspec.structs.replace(PLAIN, text_bytes=20)

    assert in_parts(narrow, "Вітаємо вас тут") == ["Вітаємо", "вас тут"]


def test_choices_that_do_not_fit_below_any_text_follow_it_as_lines() -> None:
    many = [f"{one} {'x' * 30}" for one in range(4)]

    *said, lines = messages_of(PLAIN, ["y" * 60], many)

    assert said == ["y" * 60, f"1. {many[0]}\n2. {many[1]}"]
    assert lines == f"3. {many[2]}\n4. {many[3]}"
