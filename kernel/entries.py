"""What happened, as a value: told by a room, and as it lies in the journal."""

from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from msgspec import Struct


class Entry(Struct, frozen=True, kw_only=True):
    """Base of every event; rooms declare their own beneath it, named in the past tense.

    `team_id` and `assignee_id` say whose ticket it was at that moment, so that a live screen is
    told by the same rule that a query obeys; `only_agent_id` narrows an entry to one person.
    """

    actor_id: UUID | None = None
    ticket_id: UUID | None = None
    client_id: UUID | None = None
    contact_id: UUID | None = None
    queue_id: UUID | None = None
    team_id: UUID | None = None
    assignee_id: UUID | None = None
    only_agent_id: UUID | None = None


SUBJECTS: Final[tuple[str, ...]] = Entry.__struct_fields__


class Noted(Struct, frozen=True, kw_only=True):
    """An entry as it lies in the journal: numbered, dated, its own facts in `data`."""

    seq: int
    at: datetime
    kind: str
    actor_id: UUID | None
    ticket_id: UUID | None
    client_id: UUID | None
    contact_id: UUID | None
    queue_id: UUID | None
    team_id: UUID | None
    assignee_id: UUID | None
    only_agent_id: UUID | None
    data: dict[str, Any]

    COLUMNS: ClassVar[tuple[str, ...]] = ("seq", "at", "kind", *SUBJECTS, "data")
