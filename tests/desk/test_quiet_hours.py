"""Quiet hours are of the client's day, wherever their number is at home."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from desk.quiet_hours import QuietHours, check, quiet_until
from desk.zones import ZONES, zones_of
from kernel.errors import InvalidInputError

NIGHT = QuietHours(begins=21 * 60, ends=8 * 60, timezone="Europe/Kyiv")
KYIV = ("Europe/Kyiv",)


def at(day: int, hour: int, minute: int = 0, *, month: int = 1) -> datetime:
    return datetime(2030, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at(7, 18, 59), None),  # 20:59 in Kyiv
        (at(7, 19), at(8, 6)),
        (at(8, 1), at(8, 6)),
        (at(8, 5, 59), at(8, 6)),
        (at(8, 6), None),
    ],
)
def test_the_night_is_that_of_the_client(now: datetime, until: datetime | None) -> None:
    assert quiet_until(NIGHT, KYIV, now) == until


def test_hours_that_end_on_the_same_day_are_just_those() -> None:
    nap = QuietHours(begins=13 * 60, ends=15 * 60, timezone="Europe/Kyiv")

    assert quiet_until(nap, KYIV, at(7, 11, 30)) == at(7, 13)
    assert quiet_until(nap, KYIV, at(7, 20)) is None


def test_the_night_in_which_clocks_change_is_an_hour_shorter() -> None:
    begins = datetime(2030, 3, 30, 22, tzinfo=ZoneInfo("Europe/Kyiv")).astimezone(UTC)

    ends = quiet_until(NIGHT, KYIV, begins)

    assert ends == at(31, 5, month=3)


def test_where_a_country_has_several_zones_it_is_day_in_all_of_them() -> None:
    east_to_west = zones_of("+12125550123", None)

    until = quiet_until(NIGHT, east_to_west, at(8, 12))  # 08:30 in St. John's, 04:00 in Los Angeles

    assert until == at(8, 16)


def test_a_number_tells_more_than_a_language() -> None:
    assert zones_of("+380441234567", "ru") == KYIV
    assert zones_of("+4930123456", "uk") == ("Europe/Berlin",)
    assert zones_of("+77011234567", None) == ("Asia/Almaty",)
    assert zones_of("", "uk") == KYIV
    assert zones_of("12345", "ru") == ()
    assert zones_of("+8", None) == ()


def test_every_zone_exists() -> None:
    assert all(ZoneInfo(zone) for zones in ZONES.values() for zone in zones)


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        (QuietHours(begins=60, ends=60, timezone="Europe/Kyiv"), "ends"),
        (QuietHours(begins=60, ends=61, timezone="Mars/Base"), "timezone"),
        (QuietHours(begins=60, ends=61, timezone="../etc"), "timezone"),
    ],
)
def test_hours_that_cannot_be_meant_are_refused(hours: QuietHours, field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check(hours)

    assert refused.value.field == field
