"""Bodies and views of how contacts find agents."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from kernel.limits import SKILLS_ASKED
from routing.calendars import Holiday, OpenDay
from routing.settings import AskedSkill, ProfileSettings, QueueSettings
from web.shapes import Body, ContactView, Name, Version, View

Week = Annotated[list[OpenDay], Meta(max_length=50)]
Holidays = Annotated[list[Holiday], Meta(max_length=500)]
Zone = Annotated[str, Meta(min_length=1, max_length=60)]
Skills = Annotated[list[AskedSkill], Meta(max_length=SKILLS_ASKED * 10)]


class SkillView(View):
    id: UUID
    name: str
    version: int


class NewSkill(Body):
    name: Name


class SkillPatch(Body):
    version: Version
    name: Name | UnsetType = UNSET


class CalendarView(View):
    id: UUID
    name: str
    timezone: str
    week: list[OpenDay]
    holidays: list[Holiday]
    open_now: bool
    changes_at: datetime | None
    """When it closes or opens next, within two weeks."""
    version: int


class NewCalendar(Body):
    name: Name
    timezone: Zone
    week: Week
    holidays: Holidays = field(default_factory=list)


class CalendarPatch(Body):
    version: Version
    name: Name | UnsetType = UNSET
    timezone: Zone | UnsetType = UNSET
    week: Week | UnsetType = UNSET
    holidays: Holidays | UnsetType = UNSET


class ProfileView(View):
    id: UUID
    name: str
    rules: ProfileSettings
    version: int


class NewProfile(Body):
    name: Name
    rules: ProfileSettings = field(default_factory=ProfileSettings)


class ProfilePatch(Body):
    version: Version
    name: Name | UnsetType = UNSET
    rules: ProfileSettings | UnsetType = UNSET


class DispositionView(View):
    id: UUID
    name: str
    queue_id: UUID | None
    needs_note: bool
    active: bool
    version: int


class NewDisposition(Body):
    name: Name
    queue_id: UUID | None = None
    needs_note: bool = False


class DispositionPatch(Body):
    version: Version
    name: Name | UnsetType = UNSET
    queue_id: UUID | UnsetType | None = UNSET
    needs_note: bool | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class DoubtView(View):
    """A warning: rules that can be kept, but hardly meant."""

    code: Literal[
        "nobody_serves",
        "skill_nobody_has",
        "ring_never_opens",
        "overflow_never",
        "never_open",
        "no_disposition",
    ]
    skill_id: UUID | None = None
    level: int = 0
    seconds: int = 0


class RulesPreview(View):
    """What becomes of the contacts that wait in the queue (of the first 1,000)."""

    waiting: int
    offered: int
    moved_on: int
    turned_away: int
    fewer: int
    """How many of them fewer agents could take than by the rules of now."""
    more: int
    unserved: list[UUID]
    """Contacts no agent could take, whoever is free: somebody must look at them."""
    concerned: list[ContactView]
    """The first of those."""
    doubts: list[DoubtView]
    agents: int


class QueueRulesView(View):
    queue_id: UUID
    rules: QueueSettings
    calendar_id: UUID | None
    version: int
    waiting: RulesPreview


class QueueRulesBody(Body):
    version: Version
    rules: QueueSettings
    calendar_id: UUID | None = None


class AgentRouting(Body):
    skills: Skills
    profile_id: UUID | None = None


class AgentRoutingView(View):
    agent_id: UUID
    skills: list[AskedSkill]
    profile_id: UUID | None
