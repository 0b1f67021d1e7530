"""A menu in writing: what its buttons say, and which of them an answer means."""

from typing import Any

import msgspec
import pytest

from channels.voice.answering import Answered, Step, answered, option_meant, options_of, step_of
from channels.voice.checking import Known, problems_of
from channels.voice.flow import Flow, read_flow
from channels.voice.walking import Place, World, begin

WORLD = World(languages=("en", "uk"), open={}, greeting={}, written=True)
ROOT = Place(node="menu", language="en")


def flow(**menu: Any) -> Flow:
    drawn = {
        "kind": "menu",
        "id": "menu",
        "text": {"en": "Press a key."},
        "written": {"en": "Choose one."},
        "choices": {"0": "person", "1": "hours", "2": "call", "9": "tongue"},
        "labels": {
            "1": {"en": "Opening hours", "uk": "Години роботи"},
            "2": {"en": "Call me back"},
            "9": {"en": "Language"},
        },
        "otherwise": "person",
        **menu,
    }
    return read_flow(
        {
            "start": "sound",
            "nodes": [
                {
                    "kind": "greeting",
                    "id": "sound",
                    "sound_url": "https://shop.example/hello.mp3",
                    "text": {"en": "Hello."},
                    "next": "menu",
                },
                drawn,
                {"kind": "queue", "id": "person"},
                {"kind": "announcement", "id": "hours", "text": {"en": "Nine to five."}},
                {"kind": "callback", "id": "call", "text": {"en": "We ring you."}},
                {
                    "kind": "language",
                    "id": "tongue",
                    "choices": {"1": "en", "2": "uk"},
                    "next": "menu",
                },
            ],
        }
    )


def first(drawn: Flow) -> Step:
    return step_of(drawn, Answered(turn=begin(drawn, "en", WORLD), chose=""), None, WORLD)


def after(text: str, place: Place = ROOT) -> Step:
    found = answered(flow(), place, text, WORLD)
    assert found is not None
    return step_of(flow(), found, place, WORLD)


def test_what_is_written_stands_for_what_is_spoken_and_no_sound_is_sent() -> None:
    step = first(flow())

    assert step.says == "Hello.\n\nChoose one."
    assert step.options == ("Opening hours", "Call me back", "Language", "0")
    assert first(flow(written={})).says == "Hello.\n\nPress a key."


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Opening hours", "1"),
        ("  opening   HOURS. ", "1"),
        ("Години роботи", "1"),
        ("1", "1"),
        ("2)", "2"),
        ("№ 2", "2"),
        ("3", "9"),
        ("4", "0"),
        ("9", "9"),
        ("0", "0"),
    ],
)
def test_an_option_is_meant_by_its_words_its_number_or_its_key(text: str, key: str) -> None:
    meant = option_meant(options_of(flow(), ROOT, WORLD), text)

    assert meant is not None
    assert meant.key == key


@pytest.mark.parametrize("text", ["", "👍", "hours", "12345", "1 2", "Opening hours please", "?"])
def test_other_words_mean_none_and_are_left_to_people(text: str) -> None:
    assert answered(flow(), ROOT, text, WORLD) is None


def test_a_number_that_is_none_repeats_the_menu_once() -> None:
    again = after("7")

    assert again.says == "Sorry, that is not one of the choices.\n\nChoose one."
    assert again.place == Place(node="menu", language="en", tries=1)
    assert answered(flow(), again.place, "7", WORLD) is None
    assert answered(flow(), again.place, "1", WORLD) is not None


def test_a_text_leaves_the_menu_open_and_a_queue_says_that_it_was_understood() -> None:
    told, queued = after("1"), after("0")

    assert (told.says, told.place, told.queue) == ("Nine to five.", ROOT, None)
    assert told.options == ("Opening hours", "Call me back", "Language", "0")
    assert (queued.says, queued.options) == ("Thank you. We will answer you here.", ())
    assert queued.queue is not None
    assert queued.place == ROOT


def test_nobody_who_writes_is_promised_a_call() -> None:
    assert after("2").says == "Thank you. We will answer you here."


def test_a_language_is_chosen_by_its_own_name_and_speaks_from_then_on() -> None:
    asked = after("Language")
    assert asked.place is not None
    assert (asked.says, asked.options) == (
        "Which language do you prefer?",
        ("English", "Українська"),
    )

    spoken = after("українська", asked.place)

    assert spoken.place == Place(node="menu", language="uk")
    assert spoken.options[0] == "Години роботи"


def test_a_flow_that_is_written_says_what_every_button_is() -> None:
    known = Known(queues=(), calendars=(), languages=("en", "uk"), written=True)
    alike = {
        "0": {"en": "Person"},
        "1": {"en": "Hours"},
        "2": {"en": "hours "},
        "9": {"en": "Language"},
    }

    missing = [(one.field, one.code) for one in problems_of(flow(), known)]
    twice = [(one.field, one.code) for one in problems_of(flow(labels=alike), known)]

    unled = problems_of(flow(labels=alike | {"2": {"en": "Call"}}, otherwise=""), known)
    silent = msgspec.structs.replace(known, spoken=False)

    assert [one.code for one in unled] == ["no_end"]
    assert problems_of(flow(labels=alike | {"2": {"en": "Call"}}, otherwise=""), silent) == []
    assert missing == [("labels.0", "no_label")]
    assert twice == [("labels", "labels_alike")]
