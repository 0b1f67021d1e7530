"""What a call needs follows from how it stands, whatever happened to us in between."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from channels.voice.tables import CallLegRow, CallRow
from desk.telephone.deciding import Having, Need, needs_of

NOW = datetime(2030, 1, 1, tzinfo=UTC)
OLENA, IVAN = UUID(int=1), UUID(int=2)
CALL = UUID(int=9)


def call(state: str, **more: Any) -> CallRow:
    values = {"direction": "inbound", "outcome": "", "answered_at": None, "ended_at": None}
    return CallRow(id=CALL, state=state, **{**values, **more})


def leg(role: str, state: str, agent: UUID | None = None, **more: Any) -> CallLegRow:
    joined = NOW if state == "joined" else None
    values = {"joined_at": joined, "settled": False, "mode": "", "why": ""}
    return CallLegRow(
        id=UUID(int=hash((role, state, agent)) % 2**64),
        role=role,
        state=state,
        agent_id=agent,
        **{**values, **more},
    )


def needs(
    one: CallRow, legs: list[CallLegRow], state: str, agent: UUID | None = None, **more: Any
) -> list[Need]:
    having = Having(state=state, agent_id=agent)
    return [todo.need for todo in needs_of(one, legs, having, settled=more.get("settled", True))]


CLIENT = leg("client", "joined")


@pytest.mark.parametrize("state", ["menu", "voicemail"])
def test_who_is_led_through_the_flow_needs_nothing(state: str) -> None:
    assert needs(call(state), [CLIENT], "queued") == []


def test_who_waits_needs_nothing_until_somebody_has_the_contact() -> None:
    assert needs(call("waiting"), [CLIENT], "queued") == []
    assert needs(call("waiting"), [CLIENT], "offered") == []
    assert needs(call("waiting"), [CLIENT], "active", OLENA) == [Need.DIAL_AGENT]


@pytest.mark.parametrize("state", ["dialling", "ringing"])
def test_an_agent_who_is_being_called_is_not_called_twice(state: str) -> None:
    assert needs(call("waiting"), [CLIENT, leg("agent", state, OLENA)], "active", OLENA) == []


def test_the_client_comes_when_the_agent_is_there() -> None:
    there = [CLIENT, leg("agent", "joined", OLENA)]

    assert needs(call("waiting"), there, "active", OLENA) == [Need.JOIN_CLIENT]
    assert needs(call("talking", answered_at=NOW), there, "active", OLENA) == []


def test_a_telephone_that_was_not_answered_is_a_missed_offer_once() -> None:
    missed = leg("agent", "ended", OLENA, why="no_answer")

    assert needs(call("waiting"), [CLIENT, missed], "active", OLENA) == [Need.MISSED]
    missed.settled = True
    assert needs(call("waiting"), [CLIENT, missed], "active", OLENA) == [Need.DIAL_AGENT]


def test_a_contact_that_was_taken_back_brings_the_client_back_to_the_music() -> None:
    there = [CLIENT, leg("agent", "joined", OLENA)]

    assert needs(call("talking", answered_at=NOW), there, "queued") == [Need.WAIT_AGAIN, Need.DROP]
    assert needs(call("waiting"), there, "queued") == [Need.DROP]


def test_a_contact_that_another_agent_has_now_is_followed() -> None:
    there = [CLIENT, leg("agent", "joined", OLENA)]

    assert needs(call("talking", answered_at=NOW), there, "active", IVAN) == [
        Need.WAIT_AGAIN,
        Need.DROP,
    ]


def test_an_agent_who_hung_up_ends_the_call_unless_others_speak_on() -> None:
    gone = leg("agent", "ended", OLENA, joined_at=NOW)
    talking = call("talking", answered_at=NOW)

    assert needs(talking, [CLIENT, gone], "active", OLENA) == [Need.OVER]
    assert needs(talking, [CLIENT, gone, leg("third", "joined")], "active", OLENA) == []


@pytest.mark.parametrize("state", ["closed", "wrap_up", "abandoned"])
def test_a_call_whose_contact_is_over_is_over(state: str) -> None:
    there = [CLIENT, leg("agent", "joined", OLENA)]

    assert needs(call("talking", answered_at=NOW), there, state) == [Need.OVER]


def test_who_is_sent_away_by_a_closed_queue_is_told_so() -> None:
    assert needs(call("waiting"), [CLIENT], "flowed_out") == [Need.TURN_AWAY]


def test_whoever_is_left_on_the_line_of_a_call_that_is_over_is_hung_up() -> None:
    rest = [leg("agent", "ringing", OLENA), leg("supervisor", "joined", IVAN)]

    assert needs(call("ended", ended_at=NOW), rest, "closed") == [Need.DROP, Need.DROP]


def test_a_call_we_make_calls_the_agent_first() -> None:
    ours = call("connecting", direction="outbound")
    ringing, there = leg("agent", "ringing", OLENA), leg("agent", "joined", OLENA)

    assert needs(ours, [], "active", OLENA) == [Need.DIAL_AGENT]
    assert needs(ours, [ringing], "active", OLENA) == []
    assert needs(ours, [there], "active", OLENA) == [Need.DIAL_CLIENT]
    assert needs(ours, [there, leg("client", "ringing")], "active", OLENA) == []
    busy = leg("client", "ended", why="busy")
    assert needs(ours, [there, busy], "active", OLENA) == [Need.NOT_REACHED]
    assert needs(ours, [leg("agent", "ended", OLENA)], "active", OLENA) == [Need.MISSED]


def test_a_call_that_has_just_begun_waits_for_who_makes_it() -> None:
    ours = call("connecting", direction="outbound")

    assert needs(ours, [], "queued", settled=False) == []
    assert needs(ours, [], "queued", settled=True) == [Need.OVER]


def test_a_call_that_left_the_center_goes_on_without_an_agent() -> None:
    away = call("connecting", outcome="transferred", answered_at=NOW)
    speaking = call("talking", outcome="transferred", answered_at=NOW)

    assert needs(away, [CLIENT], "wrap_up") == []
    assert needs(speaking, [CLIENT, leg("third", "joined")], "wrap_up") == []
    assert needs(speaking, [CLIENT], "wrap_up") == [Need.OVER]
