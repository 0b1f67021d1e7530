"""What the API answers about the history of settings."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from web.shapes import Body, Cursor, View, Word


class SettingChangeView(View):
    id: UUID
    at: datetime
    actor_id: UUID | None
    """Empty: the operator, on the command line."""
    actor: str
    area: str
    subject_id: UUID | None
    name: str
    what: str
    """`added`, `changed` or `removed`."""
    changes: dict[str, list[Any]]
    """By field: what it was and what it is; of a secret only that it changed."""


class SettingChangeQuery(Body):
    area: Word | None = None
    actor_id: UUID | None = None
    subject_id: UUID | None = None
    cursor: Cursor | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
