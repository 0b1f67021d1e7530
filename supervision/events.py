"""What can happen on a floor: limits are crossed, supervisors come and go beside an agent."""

from uuid import UUID

from kernel.entries import Entry


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


class CompanionCame(Entry, frozen=True, kw_only=True):
    """Somebody reads along a running contact, or takes part; told to them alone when it is not
    shown to the agent."""

    agent_id: UUID
    mode: str


class CompanionLeft(Entry, frozen=True, kw_only=True):
    """They are gone again; nobody did it when the house noticed."""

    agent_id: UUID
    mode: str
