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


class AccountSpent(Entry, frozen=True, kw_only=True):
    """An account has nearly spent what it may within 24 hours, in what its provider bills."""

    account_id: UUID
    name: str
    spent: int
    most: int
