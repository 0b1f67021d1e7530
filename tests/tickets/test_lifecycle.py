"""The rules of a ticket's status and of a message's delivery state, as tables."""

import itertools

import pytest

from tickets.lifecycle import (
    PREVIEW_CHARS,
    STATE_ORDER,
    STATUSES,
    after_answer,
    after_inbound,
    further,
    preview_of,
    takes_follow_up,
)


@pytest.mark.parametrize(
    ("status", "written", "automatic"),
    [
        ("new", "new", "new"),
        ("open", "open", "open"),
        ("waiting", "open", "waiting"),
        ("solved", "open", "solved"),
    ],
)
def test_a_person_reopens_and_a_machine_does_not(status: str, written: str, automatic: str) -> None:
    assert after_inbound(status, automatic=False) == written
    assert after_inbound(status, automatic=True) == automatic


def test_only_a_closed_ticket_takes_no_follow_up() -> None:
    assert [status for status in STATUSES if not takes_follow_up(status)] == ["closed"]


@pytest.mark.parametrize("status", STATUSES)
def test_an_answer_does_what_its_writer_wished(status: str) -> None:
    for wish in STATUSES:
        assert after_answer(status, wish) == wish
    assert after_answer(status, None) == ("open" if status in {"new", "solved"} else status)


def test_delivery_states_never_run_in_a_circle() -> None:
    """From any state, whatever the reports and their order, there is an end."""
    states = (*STATE_ORDER, "failed")
    for order in itertools.permutations(states, 4):
        now, seen = "pending", ["pending"]
        for report in order * 2:
            if further(now, report):
                now = report
                seen.append(now)
        assert len(seen) == len(set(seen))


@pytest.mark.parametrize("state", ["withdrawn", "noted", "received"])
def test_what_was_never_sent_has_no_delivery_state(state: str) -> None:
    assert not any(further(state, new) for new in (*STATE_ORDER, "failed"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("  a \n\n b\t c ", "a b c"),
        ("x" * PREVIEW_CHARS, "x" * PREVIEW_CHARS),
        ("x" * (PREVIEW_CHARS + 1), "x" * (PREVIEW_CHARS - 1) + "…"),
    ],
)
def test_a_preview_is_the_first_words_on_one_line(text: str, shown: str) -> None:
    assert preview_of(text) == shown
