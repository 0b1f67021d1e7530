"""Whatever a step holds, its TwiML says just that: text never becomes a verb."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.twilio.voice.twiml import twiml
from channels.voice.steps import (
    Dial,
    Gather,
    Go,
    HangUp,
    Join,
    Pause,
    Play,
    Press,
    Record,
    Reject,
    Say,
    Step,
)

HOSTILE = [
    '</Say><Dial>+88216000000</Dial><Say x="',
    "]]><Hangup/>",
    "&lt;Dial&gt;",
    "<!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
    "\x00\x01\x0b\ufffe\ud800 done",
]


def tags(steps: list[Step]) -> list[str]:
    return [one.tag for one in ET.fromstring(twiml(steps, {})).iter()]  # noqa: S314 - our own


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_said_is_never_a_verb(text: str) -> None:
    assert tags([Say(text=text)]) == ["Response", "Say"]


@given(st.text(max_size=200))
def test_any_text_at_all_is_one_say(text: str) -> None:
    assert tags([Say(text=text, language="uk")]) == ["Response", "Say"]


@pytest.mark.parametrize("text", HOSTILE[:4])
def test_addresses_and_names_are_never_verbs(text: str) -> None:
    steps: list[Step] = [
        Play(url=text),
        Gather(heard=(Say(text=text),), then=text),
        Go(to=text),
        Join(room=text, label=text, then=text, told=text),
        Dial(to=text, shown=text, seconds=5, most_seconds=60, then=text),
    ]

    assert tags(steps) == [
        "Response",
        "Play",
        "Gather",
        "Say",
        "Redirect",
        "Dial",
        "Conference",
        "Dial",
        "Number",
    ]


def test_every_step_has_its_verb() -> None:
    steps: list[Step] = [
        Pause(seconds=2),
        Record(most_seconds=60, then="/r", told="/t"),
        Press(digits="12#"),
        HangUp(),
        Reject(reason="busy"),
    ]

    assert tags(steps) == ["Response", "Pause", "Record", "Play", "Hangup", "Reject"]


def test_a_language_is_spoken_by_its_voice_unless_another_is_set() -> None:
    usual = twiml([Say(text="Добрий день", language="uk")], {})
    own = twiml([Say(text="Добрий день", language="uk")], {"uk": "Google.uk-UA-Wavenet-A"})

    assert 'language="uk-UA" voice="Google.uk-UA-Standard-A"' in usual
    assert 'voice="Google.uk-UA-Wavenet-A"' in own
