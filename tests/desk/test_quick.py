"""Quick replies are buttons where the channel has them, and numbered lines where not."""

import pytest

from channels.capabilities import Capabilities
from desk.quick import messages_of, worded

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
