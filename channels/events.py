"""What can happen to a connected account."""

from dataclasses import dataclass
from uuid import UUID

from kernel.journal import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChanged(Entry):
    account_id: UUID
    health: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterKept(Entry):
    delivery_id: UUID
    account_id: UUID
