"""Quiet hours and the moments of a digest, in the agent's own time."""

from datetime import UTC, datetime
from typing import Any

import pytest

from desk.notifications.choices import (
    USUAL,
    ByEvent,
    Choices,
    Quiet,
    Ways,
    digest_before,
    is_quiet,
    ways_of,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts", "ends", "now", "quiet"),
    [
        ("20:00", "08:00", "2030-01-07T17:59", False),
        ("20:00", "08:00", "2030-01-07T18:00", True),  # Kyiv is two hours ahead in winter
        ("20:00", "08:00", "2030-01-07T05:59", True),
        ("20:00", "08:00", "2030-01-07T06:00", False),
        ("12:00", "13:00", "2030-07-01T09:30", True),  # and three in summer
        ("12:00", "13:00", "2030-07-01T10:00", False),
        ("09:00", "09:00", "2030-01-07T07:00", False),
    ],
)
def test_it_is_quiet_by_the_agents_own_clock(starts: str, ends: str, now: str, quiet: bool) -> None:
    choices = Choices(quiet=Quiet(on=True, starts=starts, ends=ends), timezone="Europe/Kyiv")

    assert is_quiet(choices, at(now)) is quiet


def test_nothing_is_quiet_unless_chosen() -> None:
    assert not is_quiet(USUAL, at("2030-01-07T03:00"))


@pytest.mark.parametrize(
    ("more", "now", "moment"),
    [
        ({"digest": "hourly"}, "2030-01-07T09:30", "2030-01-07T09:00"),
        ({"digest": "hourly"}, "2030-01-07T09:00", "2030-01-07T09:00"),
        ({"digest_at": "08:00"}, "2030-01-07T05:59", "2030-01-06T06:00"),
        ({"digest_at": "08:00"}, "2030-01-07T06:00", "2030-01-07T06:00"),
        # The night in which Kyiv's clocks go forward: the same local hour, an hour earlier here.
        ({"digest_at": "08:00"}, "2030-03-31T04:59", "2030-03-30T06:00"),
        ({"digest_at": "08:00"}, "2030-03-31T05:00", "2030-03-31T05:00"),
    ],
)
def test_a_digest_leaves_at_the_chosen_moment(more: dict[str, Any], now: str, moment: str) -> None:
    assert digest_before(Choices(timezone="Europe/Kyiv", **more), at(now)) == at(moment)


def test_each_event_is_told_in_the_ways_chosen_for_it() -> None:
    choices = Choices(ways=ByEvent(reply=Ways(mail=True, sound=True)))

    assert ways_of(choices, "reply") == {"mail", "sound"}
    assert ways_of(choices, "offer") == ways_of(USUAL, "offer")
