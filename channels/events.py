"""What can happen to a connected account."""

from uuid import UUID

from kernel.entries import Entry


class AccountChanged(Entry, frozen=True, kw_only=True):
    account_id: UUID
    health: str
    detail: str


class DeadLetterKept(Entry, frozen=True, kw_only=True):
    delivery_id: UUID
    account_id: UUID
