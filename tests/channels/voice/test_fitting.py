"""What a messenger does not carry in one message is said while the flow is drawn."""

from typing import Any

import pytest

from channels.catalogue import CHANNELS
from channels.voice.fitting import excesses_of
from channels.voice.flow import read_flow

MENU = {"kind": "menu", "id": "a", "text": {"en": "Which?"}, "choices": {"1": "q", "2": "q"}}
LONG = "Я" * 600
TELEGRAM, INSTAGRAM, MESSENGER = "telegram", "instagram", "messenger"


def excesses(node: dict[str, Any], *kinds: str) -> list[tuple[str, str, dict[str, str]]]:
    flow = read_flow({"start": "a", "nodes": [node, {"kind": "queue", "id": "q"}]})
    found = excesses_of(flow, [CHANNELS[kind] for kind in kinds])
    assert all(one.warns and one.message and one.cure and one.node == "a" for one in found)
    return [(one.field, one.code, dict(one.facts)) for one in found]


@pytest.mark.parametrize("kind", ["greeting", "announcement", "queue"])
def test_a_text_that_one_of_the_channels_does_not_carry_is_named_with_its_language(
    kind: str,
) -> None:
    node = {"kind": kind, "id": "a", "text": {"en": "Hello.", "uk": LONG}}

    facts = {"channel": "instagram", "language": "uk", "most": "1000", "has": "1200"}
    assert excesses(node, TELEGRAM, INSTAGRAM) == [("text.uk", "text_too_long_bytes", facts)]


def test_of_a_menu_only_the_words_count_that_are_written() -> None:
    spoken = {**MENU, "text": {"uk": LONG}}

    assert excesses({**spoken, "written": {"uk": "Що?"}}, INSTAGRAM) == []
    assert [one[0] for one in excesses(spoken, INSTAGRAM)] == ["text.uk"]
    assert [one[0] for one in excesses({**MENU, "written": {"uk": LONG}}, INSTAGRAM)] == [
        "written.uk"
    ]


def test_a_button_that_is_too_long_is_named_and_one_that_fits_is_not() -> None:
    node = {**MENU, "labels": {"1": {"en": "x" * 20}, "2": {"en": "y" * 21}}}

    facts = {
        "channel": "messenger", "language": "en", "label": "y" * 21, "most": "20", "has": "21",
    }  # fmt: skip
    assert excesses(node, TELEGRAM, MESSENGER) == [("labels.2", "button_too_long", facts)]


def test_more_buttons_than_a_channel_shows_are_counted() -> None:
    node = {**MENU, "choices": dict.fromkeys("1234567890*", "q")}

    facts = {"channel": "telegram", "most": "10", "has": "11"}
    assert excesses(node, TELEGRAM) == [("choices", "too_many_buttons", facts)]


def test_where_there_are_no_buttons_nobody_is_warned_of_lines() -> None:
    node = {**MENU, "labels": {"1": {"en": "x" * 60}, "2": {"en": "y"}}}

    assert excesses(node, "sms", "custom") == []
