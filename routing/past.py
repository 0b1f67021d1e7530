"""What came on past days: contacts by the time of the day, how long they took and waited."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final
from uuid import UUID

from msgspec import Struct, field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.limits import REHEARSAL_PAST_CONTACTS
from routing.tables import ContactRow

ABANDONS_TO_LEARN_FROM: Final = 5
"""Fewer do not say how patient clients are."""

_CHUNK: Final = 2_000


class Came(Struct):
    """What came to a queue on one channel."""

    by_minute: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """How many, by the minute of the day."""
    handled: int = 0
    handle_seconds: float = 0.0
    waited_seconds: float = 0.0
    abandoned: int = 0

    @property
    def mean_handle(self) -> float | None:
        return self.handle_seconds / self.handled if self.handled else None

    @property
    def patience(self) -> float | None:
        """Estimate the mean of an exponential patience: all time waited for each who gave up.

        The likeliest value when those who were answered first did not tell theirs (L. Brown et
        al., "Statistical analysis of a telephone call center", 2005).
        """
        if self.abandoned < ABANDONS_TO_LEARN_FROM:
            return None
        return self.waited_seconds / self.abandoned


class Past(Struct):
    """Past days together: on how many something came, the last of them, and what."""

    days: int = 0
    last: date | None = None
    came: dict[tuple[UUID, str], Came] = field(default_factory=lambda: defaultdict(Came))


async def past_days(session: AsyncSession, days: int, zone: tzinfo, now: datetime) -> Past:
    """Sum up so many whole days before today, in this time zone.

    At most REHEARSAL_PAST_CONTACTS of the latest contacts are read; a day cut by this is left out.
    """
    today = datetime.combine(now.astimezone(zone).date(), time(), zone)
    begins = datetime.combine(today.date() - timedelta(days=days), time(), zone)
    rows = await session.stream(
        select(
            ContactRow.queue_id,
            ContactRow.channel,
            ContactRow.state,
            ContactRow.entered_at,
            ContactRow.answered_at,
            ContactRow.ended_at,
        )
        .where(ContactRow.entered_at >= begins, ContactRow.entered_at < today)
        .order_by(ContactRow.entered_at.desc())
        .limit(REHEARSAL_PAST_CONTACTS + 1)
    )
    by_day: dict[date, dict[tuple[UUID, str], Came]] = {}
    read, oldest = 0, today.date()
    async for chunk in rows.partitions(_CHUNK):
        for queue_id, channel, state, entered, answered, ended in chunk:
            local = entered.astimezone(zone)
            oldest = local.date()
            came = by_day.setdefault(oldest, defaultdict(Came))[queue_id, channel]
            came.by_minute[local.hour * 60 + local.minute] += 1
            _note(came, state, entered, answered, ended)
            read += 1
    if read > REHEARSAL_PAST_CONTACTS:
        del by_day[oldest]
    return _summed(by_day)


def _note(
    came: Came, state: str, entered: datetime, answered: datetime | None, ended: datetime | None
) -> None:
    if answered is not None:
        came.waited_seconds += (answered - entered).total_seconds()
        if ended is not None:
            came.handled += 1
            came.handle_seconds += (ended - answered).total_seconds()
    elif state == "abandoned" and ended is not None:
        came.waited_seconds += (ended - entered).total_seconds()
        came.abandoned += 1


def _summed(by_day: dict[date, dict[tuple[UUID, str], Came]]) -> Past:
    past = Past(days=len(by_day), last=max(by_day, default=None))
    for day in by_day.values():
        for key, came in day.items():
            total = past.came[key]
            for minute, count in came.by_minute.items():
                total.by_minute[minute] += count
            total.handled += came.handled
            total.handle_seconds += came.handle_seconds
            total.waited_seconds += came.waited_seconds
            total.abandoned += came.abandoned
    return past
