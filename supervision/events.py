"""What can happen to the limits of a floor."""

from uuid import UUID

from kernel.journal import Entry


class AlertRaised(Entry, frozen=True, kw_only=True):
    """A limit of the queue was crossed."""

    alert_id: UUID
    what: str
    most: int
    value: int
    sound: bool


class AlertEnded(Entry, frozen=True, kw_only=True):
    """The queue is within its limit again, or the limit is gone."""

    alert_id: UUID
    what: str


class ThresholdChanged(Entry, frozen=True, kw_only=True):
    """A limit is new, changed or gone."""

    threshold_id: UUID
