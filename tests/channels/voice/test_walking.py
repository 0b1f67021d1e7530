"""A caller is led through a flow as it is drawn; one that cannot work is refused in words."""

from typing import Any
from uuid import UUID

import pytest

from channels.voice.checking import Known, problems_of
from channels.voice.flow import Flow, Queue, Voicemail, read_flow, usual_flow
from channels.voice.steps import Play, Say
from channels.voice.walking import Ask, Turn, World, begin, pressed

CALENDAR, QUEUE = UUID(int=1), UUID(int=2)
OPEN = World(languages=("en", "uk"), open={CALENDAR: True}, greeting={"en": "Hello."})
CLOSED = World(languages=("en", "uk"), open={CALENDAR: False}, greeting={"en": "Hello."})
KNOWN = Known(queues={QUEUE}, calendars={CALENDAR}, languages=("en", "uk"), refuses={"+1900"})


def flow(*nodes: dict[str, Any], start: str = "a") -> Flow:
    return read_flow({"start": start, "nodes": list(nodes)})


def said(turn: Turn) -> list[str]:
    return [one.text if isinstance(one, Say) else str(one) for one in turn.heard]


MENU = flow(
    {"kind": "language", "id": "a", "choices": {"1": "en", "2": "uk"}, "next": "hours"},
    {
        "kind": "hours",
        "id": "hours",
        "calendar_id": str(CALENDAR),
        "open": "menu",
        "closed": "message",
    },
    {
        "kind": "menu",
        "id": "menu",
        "text": {"en": "Press 1.", "uk": "Натисніть 1."},
        "choices": {"1": "queue", "9": "menu"},
        "otherwise": "over",
        "tries": 2,
    },
    {"kind": "queue", "id": "queue", "queue_id": str(QUEUE)},
    {"kind": "voicemail", "id": "message", "text": {"en": "We are closed."}},
    {"kind": "hang_up", "id": "over"},
)


def test_each_language_is_offered_in_itself_and_speaks_from_then_on() -> None:
    first = begin(MENU, "en", OPEN)

    assert said(first) == ["For English, press 1.", "Українською — натисніть 2."]
    assert isinstance(first.then, Ask)
    second = pressed(MENU, first.place, "2", OPEN)
    assert said(second) == ["Натисніть 1."]
    assert second.place.language == "uk"


def test_a_key_leads_to_its_node_and_a_wrong_one_is_asked_again_before_it_is_given_up() -> None:
    at_menu = pressed(MENU, begin(MENU, "en", OPEN).place, "", OPEN)

    assert isinstance(pressed(MENU, at_menu.place, "1", OPEN).then, Queue)
    again = pressed(MENU, at_menu.place, "7", OPEN)
    assert said(again) == ["Sorry, that is not one of the choices.", "Press 1."]
    silent = pressed(MENU, again.place, "", OPEN)
    assert (said(silent), silent.place.node) == ([], "over")


def test_out_of_hours_another_branch_is_taken_in_the_language_there_is() -> None:
    turn = pressed(MENU, begin(MENU, "en", CLOSED).place, "2", CLOSED)

    assert isinstance(turn.then, Voicemail)
    assert turn.heard == (Say(text="We are closed.", language="en"),)


def test_a_node_that_was_removed_meanwhile_begins_anew() -> None:
    place = pressed(MENU, begin(MENU, "en", OPEN).place, "1", OPEN).place

    assert pressed(usual_flow(), place, "1", OPEN).place.node == "queue"


def test_a_greeting_plays_its_sound_or_says_the_account_s_words() -> None:
    sound = flow(
        {"kind": "greeting", "id": "a", "sound_url": "https://a.example/b.mp3", "next": "b"},
        {"kind": "greeting", "id": "b", "next": "c"},
        {"kind": "hang_up", "id": "c"},
    )

    assert begin(sound, "uk", OPEN).heard == (
        Play(url="https://a.example/b.mp3"),
        Say(text="Hello.", language="en"),
    )


@pytest.mark.parametrize(
    ("nodes", "node", "code"),
    [
        ([{"kind": "greeting", "id": "a"}], "a", "no_end"),
        ([{"kind": "greeting", "id": "a", "next": "b"}], "a", "no_such_node"),
        ([{"kind": "hang_up", "id": "b"}], "a", "no_such_node"),
        ([{"kind": "hang_up", "id": "a"}, {"kind": "queue", "id": "a"}], "a", "named_twice"),
        ([{"kind": "hang_up", "id": "a"}, {"kind": "queue", "id": "b"}], "b", "unreached"),
        (
            [
                {"kind": "greeting", "id": "a", "next": "b"},
                {"kind": "greeting", "id": "b", "next": "a"},
            ],
            "a",
            "circle",
        ),
        ([{"kind": "queue", "id": "a", "queue_id": str(UUID(int=9))}], "a", "no_such_queue"),
        (
            [
                {
                    "kind": "hours",
                    "id": "a",
                    "calendar_id": str(UUID(int=9)),
                    "open": "b",
                    "closed": "b",
                },
                {"kind": "hang_up", "id": "b"},
            ],
            "a",
            "no_such_calendar",
        ),
        (
            [
                {"kind": "menu", "id": "a", "choices": {"1": "b"}, "otherwise": "b"},
                {"kind": "hang_up", "id": "b"},
            ],
            "a",
            "no_words",
        ),
        (
            [
                {"kind": "menu", "id": "a", "text": {"en": "x"}, "otherwise": "b"},
                {"kind": "hang_up", "id": "b"},
            ],
            "a",
            "no_choice",
        ),
        (
            [
                {"kind": "language", "id": "a", "choices": {"1": "ru"}, "next": "b"},
                {"kind": "hang_up", "id": "b"},
            ],
            "a",
            "no_such_language",
        ),
        ([{"kind": "transfer", "id": "a", "number": "+1900"}], "a", "number_refused"),
        ([{"kind": "announcement", "id": "a"}], "a", "no_words"),
        ([{"kind": "queue", "id": "a", "music_url": "http://x.example/a"}], "a", "no_sound"),
    ],
)
def test_what_is_wrong_is_said_with_its_node_and_the_cure(
    nodes: list[dict[str, Any]], node: str, code: str
) -> None:
    found = problems_of(flow(*nodes), KNOWN)

    assert (node, code) in {(one.node, one.code) for one in found}
    assert all(one.message and one.cure for one in found)


def test_a_way_back_through_a_menu_is_no_circle() -> None:
    assert problems_of(MENU, KNOWN) == []
    assert problems_of(usual_flow(), KNOWN) == []


def test_a_flow_with_very_many_ways_is_checked_in_a_moment() -> None:
    nodes = [
        {
            "kind": "hours",
            "id": f"n{at}",
            "calendar_id": str(CALENDAR),
            "open": f"n{at + 1}",
            "closed": f"n{at + 1}",
        }
        for at in range(190)
    ]

    many = flow(*nodes, {"kind": "hang_up", "id": "n190"}, start="n0")

    assert problems_of(many, KNOWN) == []
