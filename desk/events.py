"""What can happen to the house itself."""

from dataclasses import dataclass
from uuid import UUID

from kernel.journal import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyChanged(Entry):
    name: str
    default_locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplesChanged(Entry):
    """Sample data came or went: whoever shows a list asks for it again."""

    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified(Entry):
    """An agent is told of something, in the ways they chose; told to that agent only."""

    notification_id: UUID
    event: str
    name: str
    detail: str
    ways: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationsRead(Entry):
    """Some of an agent's notifications are read now; told to that agent only."""
