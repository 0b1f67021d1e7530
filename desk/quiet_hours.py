"""Hours in which nobody is written to by telephone number, or called, of our own accord.

They are of the client's day, as far as that is known: by the country of their number, else by their
language, else by the center's zone. Where a country has several zones it is quiet while it is so in
the first or the last of them. An answer to a client's own words leaves at any hour.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from clients import queries as clients
from desk.tables import CompanyRow
from desk.zones import zones_of
from kernel.errors import InvalidInputError

QUIET: Final = "quiet_hours"
"""Why a message is kept."""
_ONLY_COMPANY: Final = 1
_DAY: Final = 1_440
_TRIES: Final = 8


class QuietHours(Struct, frozen=True, kw_only=True):
    """From one minute of the day to another, which may be the next day's."""

    begins: int
    ends: int
    timezone: str


def check(hours: QuietHours) -> None:
    """Raise InvalidInputError, naming the field, for hours that cannot be meant."""
    if hours.begins == hours.ends:
        raise InvalidInputError("quiet hours end at another time than they begin", field="ends")
    try:
        ZoneInfo(hours.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInputError("no such time zone", field="timezone") from error


def quiet_hours_of(row: CompanyRow | None) -> QuietHours | None:
    if row is None or row.quiet_hours is None:
        return None
    return msgspec.convert(row.quiet_hours, QuietHours)


async def quiet_for(
    session: AsyncSession, client_id: UUID, handle: str, at: datetime
) -> datetime | None:
    """Return when the quiet hours are over in which the client is at this time; None: in none."""
    hours = quiet_hours_of(await session.get(CompanyRow, _ONLY_COMPANY))
    if hours is None:
        return None
    client = await clients.whereabouts(session, client_id)
    number = handle if handle.startswith("+") else (client.phone or "")
    return quiet_until(hours, zones_of(number, client.locale) or (hours.timezone,), at)


def quiet_until(hours: QuietHours, zones: Sequence[str], at: datetime) -> datetime | None:
    """Return the first moment from `at` on at which it is quiet in none of the zones; None: at
    `at` already. Where together they leave no such moment in a day, the last one that was found."""
    until = at
    for _ in range(_TRIES):
        ends = [end for zone in zones if (end := _end(hours, ZoneInfo(zone), until)) is not None]
        if not ends:
            break
        until = max(ends)
    return None if until == at else until


def _end(hours: QuietHours, zone: ZoneInfo, at: datetime) -> datetime | None:
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    length = (hours.ends - hours.begins) % _DAY
    if (minute - hours.begins) % _DAY >= length:
        return None
    day = local.date() + timedelta(days=1 if hours.ends <= minute else 0)
    end = datetime(day.year, day.month, day.day, hours.ends // 60, hours.ends % 60, tzinfo=zone)
    return end.astimezone(at.tzinfo)
