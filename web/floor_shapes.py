"""What the supervisor's floor takes and gives: figures, intervals, limits and alerts."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

from kernel.limits import ALERT_MAILS, REPORT_ROWS, ROUTING_SECONDS_MAX
from web.shapes import Body, ContactView, Cursor, SentenceView, Version, View

Outcome = Literal["waiting", "answered", "abandoned", "flowed_out"]
ThresholdKind = Literal["longest_wait", "waiting", "service_level", "nobody_available", "lost"]
Most = Annotated[int, Meta(ge=0, le=ROUTING_SECONDS_MAX)]
MailTo = Annotated[list[UUID], Meta(max_length=ALERT_MAILS)]
Minutes = Annotated[int, Meta(ge=15, le=44_640, multiple_of=15)]
"""Of an interval: whole quarters of an hour, at most 31 days."""


class FiguresView(View):
    """Visits that began in a period: offered = answered + abandoned + flowed_out + waiting."""

    offered: int
    answered: int
    within_target: int
    abandoned: int
    short_abandoned: int
    flowed_out: int
    waiting: int
    handled: int
    callbacks: int
    """Of offered: who hung up and is to be called back; outside of the service level and ASA."""
    callbacks_answered: int
    service_level: float | None
    """Percent: within_target of offered less callbacks, short_abandoned and who may still be in
    time.
    """
    asa_seconds: float | None
    aht_seconds: float | None
    abandon_seconds: float | None
    callback_seconds: float | None
    """From entering the queue to the agent who called back."""


class WorkFiguresView(View):
    """What agents did in a period, and how the time of it passed."""

    answered: int
    handled: int
    aht_seconds: float | None
    occupancy: float | None
    """Percent of the time with a contact in hand, of that and the time free for one."""
    handle_seconds: float
    busy_seconds: float
    idle_seconds: float
    available_seconds: float
    away_seconds: float


class QueueSoFar(View):
    queue_id: UUID
    figures: FiguresView
    occupancy: float | None
    """Of the members of the queue."""


class AgentSoFar(View):
    agent_id: UUID
    figures: WorkFiguresView


class FloorFiguresView(View):
    """The figures since a moment, which is a full quarter of an hour."""

    since: datetime
    counted_to: int
    """The journal entry up to which they are counted."""
    queues: list[QueueSoFar]
    agents: list[AgentSoFar]


class QueueIntervalView(View):
    start: datetime
    queue_id: UUID
    queue: str
    channel: str
    figures: FiguresView


class AgentIntervalView(View):
    start: datetime
    agent_id: UUID
    agent: str
    figures: WorkFiguresView


class VisitView(View):
    """One visit of a contact to a queue: what a figure counts."""

    id: str
    outcome: Outcome
    queue_id: UUID
    channel: str
    entered_at: datetime
    left_at: datetime | None
    waited_seconds: float | None
    within_target: bool
    callback: bool
    """The client is to be called back, or was."""
    agent_id: UUID | None
    handle_seconds: float
    contact: ContactView | None
    """Absent when the contact is gone."""


class PeriodQuery(Struct, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    """`from` and `to` are moments with a time zone; both count as the quarter they lie in."""

    start: datetime
    end: datetime
    interval: Minutes = 15
    queue_id: UUID | None = None
    agent_id: UUID | None = None
    cursor: Cursor | None = None
    limit: Annotated[int, Meta(ge=1, le=REPORT_ROWS)] = REPORT_ROWS


class VisitQuery(Struct, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    start: datetime
    end: datetime
    queue_id: UUID | None = None
    agent_id: UUID | None = None
    channel: Annotated[str, Meta(max_length=80)] | None = None
    outcome: Outcome | None = None
    callbacks: bool | None = None
    """Only of who is to be called back; false: only of the others."""
    cursor: Cursor | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class ThresholdView(View):
    id: UUID
    queue_id: UUID
    kind: ThresholdKind
    most: int
    sound: bool
    mail_to: list[UUID]
    enabled: bool
    version: int


class NewThreshold(Body):
    queue_id: UUID
    kind: ThresholdKind
    most: Most = 0
    """Seconds, contacts or percent; not looked at where any is too many."""
    sound: bool = True
    mail_to: MailTo = field(default_factory=list)
    enabled: bool = True


class ThresholdPatch(Body):
    version: Version
    most: Most | UnsetType = UNSET
    sound: bool | UnsetType = UNSET
    mail_to: MailTo | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class AlertView(View):
    id: UUID
    threshold_id: UUID | None
    queue_id: UUID
    kind: ThresholdKind
    most: int
    value: int
    sound: bool
    contact_ids: list[UUID]
    since: datetime
    until: datetime | None


class LostView(View):
    """A contact that nobody in the center can serve where it waits."""

    contact: ContactView
    since: datetime
    """When it entered the queue it waits in."""
    noticed: datetime | None
    """When an alert named it, if a limit was set."""
    why: list[SentenceView]


class LostAndFoundView(View):
    items: list[LostView]
    looked_at: int
    more: bool
    """Of long queues only the first were looked at."""
