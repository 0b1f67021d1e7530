"""What can happen to a client's record; `client_id` names the record that stays."""

from dataclasses import dataclass
from uuid import UUID

from kernel.journal import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientChanged(Entry):
    """A client is new, or their data, notes or block changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientsMerged(Entry):
    """`source_id` became part of `client_id`."""

    source_id: UUID
    merge_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeUndone(Entry):
    """`source_id` is a client of its own again."""

    source_id: UUID
    merge_id: UUID
