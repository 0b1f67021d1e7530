"""The figures of a quarter of an hour, and what one visit or one stretch of time adds to them.

Pure. The definitions are those of docs/operating/supervising.md; every figure obeys
Offered = Answered + Abandoned + FlowedOut + waiting.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, Self
from uuid import UUID

from msgspec import Struct

from kernel.limits import ABANDONED_EARLY

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
QUARTER: Final = timedelta(minutes=15)
_MS: Final = timedelta(milliseconds=1)

WAITING: Final = "waiting"
ANSWERED: Final = "answered"
ABANDONED: Final = "abandoned"
FLOWED_OUT: Final = "flowed_out"
OUTCOMES: Final = (WAITING, ANSWERED, ABANDONED, FLOWED_OUT)

AVAILABLE: Final = "available"
OFFLINE: Final = "offline"


def quarter_of(moment: datetime) -> int:
    """Return the number of the quarter of an hour, counted from 1970."""
    return (moment - EPOCH) // QUARTER


def start_of(quarter: int) -> datetime:
    return EPOCH + quarter * QUARTER


def whole_ms(moment: datetime) -> datetime:
    """Cut off what is less than a millisecond, so that pieces of a span add up to it."""
    return moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)


def ms_between(start: datetime, end: datetime) -> int:
    """Whole milliseconds, never negative: clocks of several nodes differ a little."""
    return max(0, (end - start) // _MS)


class _Sums(Struct, frozen=True):
    """Numbers that are added field by field."""

    def __add__(self, other: Self) -> Self:
        return self._with(other, 1)

    def __sub__(self, other: Self) -> Self:
        return self._with(other, -1)

    def _with(self, other: Self, sign: int) -> Self:
        return type(self)(
            **{
                name: getattr(self, name) + sign * getattr(other, name)
                for name in self.__struct_fields__
            }
        )

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__struct_fields__)


class QueueCounts(_Sums, frozen=True, kw_only=True):
    """Visits that began in a period. A figure of milliseconds is a sum over its visits."""

    offered: int = 0
    answered: int = 0
    within_target: int = 0
    abandoned: int = 0
    short_abandoned: int = 0
    flowed_out: int = 0
    handled: int = 0
    """Answered, and the agent is done with it."""
    answered_wait_ms: int = 0
    """Of all who were answered but those who were called back."""
    abandoned_wait_ms: int = 0
    handle_ms: int = 0
    callbacks: int = 0
    """Of `offered`: visits of who is to be called back; they are no part of the service level."""
    callbacks_answered: int = 0
    callback_wait_ms: int = 0
    """From entering the queue, before they asked for it, to the agent."""

    @property
    def waiting(self) -> int:
        return self.offered - self.answered - self.abandoned - self.flowed_out


class AgentCounts(_Sums, frozen=True, kw_only=True):
    """What an agent did in a period, and how the time of it passed."""

    answered: int = 0
    handled: int = 0
    handle_ms: int = 0
    """With two contacts at once, two seconds a second."""
    busy_ms: int = 0
    """With at least one contact in hand."""
    idle_ms: int = 0
    """Available, with none."""
    available_ms: int = 0
    away_ms: int = 0


class Visit(Struct, kw_only=True):
    """One visit as the tally carries it on; tables.VisitRow says what its fields mean."""

    seq: int
    contact_id: UUID
    ticket_id: UUID
    client_id: UUID
    queue_id: UUID
    channel: str
    entered_at: datetime
    callback_since: datetime | None = None
    outcome: str = WAITING
    left_at: datetime | None = None
    within_target: bool = False
    agent_id: UUID | None = None
    held_since: datetime | None = None
    handle_ms: int = 0
    done_at: datetime | None = None


def share_of(visit: Visit) -> QueueCounts:
    """Return what a visit adds to the figures of its queue, channel and quarter."""
    wait = ms_between(visit.entered_at, visit.left_at or visit.entered_at)
    answered, abandoned = visit.outcome == ANSWERED, visit.outcome == ABANDONED
    callback = visit.callback_since is not None
    on_the_line, called = answered and not callback, answered and callback
    handled = answered and visit.done_at is not None
    return QueueCounts(
        offered=1,
        answered=int(answered),
        within_target=int(on_the_line and visit.within_target),
        abandoned=int(abandoned),
        short_abandoned=int(abandoned and not callback and wait < ABANDONED_EARLY // _MS),
        flowed_out=int(visit.outcome == FLOWED_OUT),
        handled=int(handled),
        answered_wait_ms=wait if on_the_line else 0,
        abandoned_wait_ms=wait if abandoned else 0,
        handle_ms=visit.handle_ms if handled else 0,
        callbacks=int(callback),
        callbacks_answered=int(called),
        callback_wait_ms=_callback_wait(visit) if called else 0,
    )


def _callback_wait(visit: Visit) -> int:
    since = visit.callback_since or visit.entered_at
    return ms_between(since, visit.left_at or since)


class AgentClock(Struct, kw_only=True):
    """What an agent has been doing since their time was last counted."""

    agent_id: UUID
    state: str = OFFLINE
    held: int = 0
    counted_to: datetime

    @property
    def runs(self) -> bool:
        return self.state != OFFLINE or self.held > 0


def passed(clock: AgentClock, now: datetime) -> Iterator[tuple[int, AgentCounts]]:
    """Count an agent's time up to `now`, cut at the quarters; the clock itself stays as it is."""
    start, now = clock.counted_to, whole_ms(now)
    while clock.runs and start < now:
        quarter = quarter_of(start)
        end = min(now, start_of(quarter + 1))
        yield quarter, _stretch(clock, ms_between(start, end))
        start = end


def _stretch(clock: AgentClock, ms: int) -> AgentCounts:
    available = clock.state == AVAILABLE
    return AgentCounts(
        handle_ms=ms * clock.held,
        busy_ms=ms if clock.held else 0,
        idle_ms=ms if available and not clock.held else 0,
        available_ms=ms if available else 0,
        away_ms=ms if clock.state not in {AVAILABLE, OFFLINE} else 0,
    )
