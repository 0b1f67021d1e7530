"""When a limit is crossed, and when it is no longer: with patience, so that nothing flaps. Pure.

An alert is raised once the limit has been crossed for as long as its kind asks, and ends when the
figure has been better than the limit by a margin for `ALERT_ENDS_AFTER` without a break.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from kernel.limits import ALERT_ENDS_AFTER


class Kind(StrEnum):
    """What a limit can be set to."""

    LONGEST_WAIT = "longest_wait"
    """Seconds that whoever waits longest may have waited."""
    WAITING = "waiting"
    """Contacts that may wait at once."""
    SERVICE_LEVEL = "service_level"
    """Percent that the service level of late must reach: of the last half hour, or of twice the
    target where that is longer."""
    NOBODY_AVAILABLE = "nobody_available"
    """The queue is open, and no member of it is available."""
    LOST = "lost"
    """A contact waits whom nobody in the center can serve: lost and found."""


RAISED_AFTER: Final = {
    Kind.LONGEST_WAIT: timedelta(0),
    Kind.WAITING: timedelta(seconds=10),
    Kind.SERVICE_LEVEL: timedelta(seconds=10),
    Kind.NOBODY_AVAILABLE: timedelta(seconds=30),
    Kind.LOST: timedelta(seconds=10),
}
COUNTED: Final = frozenset({Kind.LONGEST_WAIT, Kind.WAITING, Kind.SERVICE_LEVEL})
"""Kinds with a number to set; of the others any is too many."""
_MARGIN_PERCENT: Final = 10
_LEVEL_POINTS: Final = 2


class Verdict(StrEnum):
    RAISE = "raise"
    END = "end"
    NOTHING = "nothing"


def crossed(kind: Kind, most: int, value: float | None) -> bool:
    """Say whether the limit is crossed; without a figure there is nothing to complain about."""
    if value is None:
        return False
    match kind:
        case Kind.SERVICE_LEVEL:
            return value < most
        case Kind.NOBODY_AVAILABLE:
            return value == 0
        case Kind.LOST:
            return value > 0
        case _:
            return value > most


def recovered(kind: Kind, most: int, value: float | None) -> bool:
    """Say whether it is better than the limit by a margin."""
    if value is None:
        return True
    if kind is Kind.SERVICE_LEVEL:
        return value >= min(100, most + _LEVEL_POINTS)
    if kind in COUNTED:
        return value <= most - most * _MARGIN_PERCENT // 100
    return not crossed(kind, most, value)


class Judge(Struct):
    """Looks at one limit again and again; `is_open` is what is stored of its alert."""

    kind: Kind
    most: int
    _crossed_since: datetime | None = None
    _calm_since: datetime | None = None

    def look(self, value: float | None, *, is_open: bool, now: datetime) -> Verdict:
        if is_open:
            return self._look_for_the_end(value, now)
        self._calm_since = None
        if not crossed(self.kind, self.most, value):
            self._crossed_since = None
            return Verdict.NOTHING
        self._crossed_since = self._crossed_since or now
        due = now - self._crossed_since >= RAISED_AFTER[self.kind]
        return Verdict.RAISE if due else Verdict.NOTHING

    def _look_for_the_end(self, value: float | None, now: datetime) -> Verdict:
        self._crossed_since = None
        if not recovered(self.kind, self.most, value):
            self._calm_since = None
            return Verdict.NOTHING
        self._calm_since = self._calm_since or now
        return Verdict.END if now - self._calm_since >= ALERT_ENDS_AFTER else Verdict.NOTHING
