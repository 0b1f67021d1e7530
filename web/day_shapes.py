"""What the agent's day takes and gives: saved views, what is read, many changes at once."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from kernel.limits import CHANGES_AT_ONCE
from tickets.conditions import Group
from web.shapes import Body, Name, Priority, Tag, TicketStatus, Version, View

Audience = Literal["me", "team", "everybody"]
Tags = Annotated[list[Tag], Meta(max_length=30)]


class SavedViewView(View):
    id: UUID
    name: str
    owner_id: UUID
    audience: Audience
    team_id: UUID | None
    conditions: Group
    mine: bool
    version: int


class NewSavedView(Body):
    name: Name
    conditions: Group
    audience: Audience = "me"
    """Other than `me` needs `view.share`."""
    team_id: UUID | None = None
    """Which team, when the audience is one."""


class SavedViewPatch(Body):
    version: Version
    name: Name | UnsetType = UNSET
    conditions: Group | UnsetType = UNSET
    audience: Audience | UnsetType = UNSET
    team_id: UUID | UnsetType | None = UNSET


class ReadMark(Body):
    message_id: UUID
    """The newest message that was on the screen."""


class SnoozeBody(Body):
    until: Annotated[datetime, Meta(tz=True)] | None = None
    on_reply: bool = True
    """Wake when the client writes."""


class TicketChange(Body):
    """What shall become of one ticket; what is left out stays."""

    id: UUID
    version: Version | None = None
    """The state that was looked at; absent: whatever it is now."""
    status: TicketStatus | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    assignee_id: UUID | UnsetType | None = UNSET
    team_id: UUID | UnsetType | None = UNSET
    tags: Tags | UnsetType = UNSET
    add_tags: Tags = field(default_factory=list)
    remove_tags: Tags = field(default_factory=list)
    snooze: SnoozeBody | UnsetType | None = UNSET
    """A rule puts it aside, null wakes it."""


class ManyChanges(Body):
    changes: Annotated[list[TicketChange], Meta(min_length=1, max_length=CHANGES_AT_ONCE)]


class Before(View, omit_defaults=True):
    """What a change replaced: sent back as a change, it undoes it."""

    status: TicketStatus | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    assignee_id: UUID | UnsetType | None = UNSET
    team_id: UUID | UnsetType | None = UNSET
    tags: list[str] | UnsetType = UNSET
    snooze: "RuleView | UnsetType | None" = UNSET


class RuleView(View):
    until: datetime | None
    on_reply: bool


class ChangeOutcome(View):
    id: UUID
    ok: bool
    version: int
    before: Before
    error: str = ""
    message: str = ""
