"""Opening hours as plain intervals: a week in a time zone, and the days that differ from it.

Pure: the days come from the caller. An hour that a clock change skips or repeats is read as Python
reads it (PEP 495, the first of two), so a queue is open for one hour less or more on such a day.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Meta, Struct

from kernel.errors import InvalidInputError
from kernel.limits import CALENDAR_DAYS_AHEAD, NAME_CHARS
from routing.model import MICROSECOND

MINUTES_A_DAY = 1_440
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")

Intervals = tuple[tuple[int, int], ...]
Minute = Annotated[int, Meta(ge=0, le=MINUTES_A_DAY)]


class Span(Struct, frozen=True, forbid_unknown_fields=True):
    """From one minute of the day to another; 1440 is midnight at its end."""

    opens: Minute
    closes: Minute


Spans = Annotated[list[Span], Meta(max_length=24)]
Day = Annotated[str, Meta(min_length=10, max_length=10)]
"""A date, like 2027-01-01."""


class OpenDay(Struct, frozen=True, forbid_unknown_fields=True):
    """A day of the week (0 is Monday) on which it is open."""

    weekday: Annotated[int, Meta(ge=0, le=6)]
    spans: Spans


class Holiday(Struct, frozen=True, forbid_unknown_fields=True):
    """A date that differs from its weekday; without spans it is closed."""

    on: Day
    name: Annotated[str, Meta(max_length=NAME_CHARS)] = ""
    spans: Spans = []


class Calendar(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    timezone: str
    week: list[OpenDay]
    holidays: list[Holiday] = []


def check(calendar: Calendar) -> None:
    """Refuse a calendar that cannot be meant: InvalidInputError names the field."""
    try:
        ZoneInfo(calendar.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInputError("no such time zone", field="timezone") from error
    for day in calendar.week:
        _check_spans(day.spans, "week")
    for holiday in calendar.holidays:
        _check_date(holiday.on)
        _check_spans(holiday.spans, "holidays")
    if not any(day.spans for day in calendar.week) and not any(
        holiday.spans for holiday in calendar.holidays
    ):
        raise InvalidInputError("it is never open; its queues would never be served", field="week")


def _check_date(on: str) -> None:
    try:
        date.fromisoformat(on)
    except ValueError as error:
        raise InvalidInputError(f"{on} is no date", field="holidays") from error


def _check_spans(spans: Sequence[Span], field: str) -> None:
    before = 0
    for span in sorted(spans, key=lambda span: span.opens):
        if not before <= span.opens < span.closes <= MINUTES_A_DAY:
            raise InvalidInputError(
                "hours overlap, end before they begin, or leave the day", field=field
            )
        before = span.closes


def openings(calendar: Calendar, start: datetime, days: int) -> Intervals:
    """Return when it is open on so many days from the day of `start`, in microseconds.

    Spans that meet are one interval: who is open over midnight does not close for a moment.
    """
    zone = ZoneInfo(calendar.timezone)
    first = start.astimezone(zone).date()
    found: list[tuple[int, int]] = []
    for offset in range(days):
        for opens, closes in _open_on(calendar, first + timedelta(days=offset), zone):
            if found and opens <= found[-1][1]:
                found[-1] = (found[-1][0], max(closes, found[-1][1]))
            elif opens < closes:
                found.append((opens, closes))
    return tuple(found)


def standing(calendar: Calendar, now: datetime) -> tuple[bool, datetime | None]:
    """Tell whether it is open, and when that changes within the days that are looked ahead."""
    at = (now - _EPOCH) // MICROSECOND
    for opens, closes in openings(calendar, now - timedelta(days=1), CALENDAR_DAYS_AHEAD + 1):
        if opens <= at < closes:
            return True, _EPOCH + closes * MICROSECOND
        if at < opens:
            return False, _EPOCH + opens * MICROSECOND
    return False, None


def _open_on(calendar: Calendar, day: date, zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    spans = [span for one in calendar.week if one.weekday == day.weekday() for span in one.spans]
    for holiday in calendar.holidays:
        if holiday.on == day.isoformat():
            spans = holiday.spans
    for span in sorted(spans, key=lambda span: span.opens):
        yield _micros(day, span.opens, zone), _micros(day, span.closes, zone)


def _micros(day: date, minutes: int, zone: ZoneInfo) -> int:
    whole_days, rest = divmod(minutes, MINUTES_A_DAY)
    clock = time(rest // 60, rest % 60)
    at = datetime.combine(day + timedelta(days=whole_days), clock, tzinfo=zone)
    return (at - _EPOCH) // MICROSECOND
