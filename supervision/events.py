"""What can happen to the limits of a floor."""

from dataclasses import dataclass
from uuid import UUID

from kernel.journal import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRaised(Entry):
    """A limit of the queue was crossed."""

    alert_id: UUID
    what: str
    most: int
    value: int
    sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEnded(Entry):
    """The queue is within its limit again, or the limit is gone."""

    alert_id: UUID
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdChanged(Entry):
    """A limit is new, changed or gone."""

    threshold_id: UUID
