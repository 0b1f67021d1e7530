"""What can happen to the house itself."""

from uuid import UUID

from kernel.entries import Entry


class CompanyChanged(Entry, frozen=True, kw_only=True):
    name: str
    default_locale: str


class SamplesChanged(Entry, frozen=True, kw_only=True):
    """Sample data came or went: whoever shows a list asks for it again."""

    present: bool


class Notified(Entry, frozen=True, kw_only=True):
    """An agent is told of something, in the ways they chose; told to that agent only."""

    notification_id: UUID
    event: str
    name: str
    detail: str
    ways: list[str]


class NotificationsRead(Entry, frozen=True, kw_only=True):
    """Some of an agent's notifications are read now; told to that agent only."""
