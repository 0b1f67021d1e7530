"""What can happen to a client's record; `client_id` names the record that stays."""

from uuid import UUID

from kernel.entries import Entry


class ClientChanged(Entry, frozen=True, kw_only=True):
    """A client is new, or their data, notes or block changed."""


class ClientsMerged(Entry, frozen=True, kw_only=True):
    """`source_id` became part of `client_id`."""

    source_id: UUID
    merge_id: UUID


class MergeUndone(Entry, frozen=True, kw_only=True):
    """`source_id` is a client of its own again."""

    source_id: UUID
    merge_id: UUID
