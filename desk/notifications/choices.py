"""What an agent wants to be told of, in which ways, and when it shall be quiet."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, cast
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct, field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.tables import NotificationChoicesRow
from kernel.errors import InvalidInputError
from kernel.limits import TIME_ZONE_CHARS
from kernel.upsert import put_row

Event = Literal[
    "offer",
    "missed",
    "mention",
    "assigned",
    "reply",
    "woken",
    "failed",
    "dead_letter",
    "forced",
    "spending",
]
Way = Literal["app", "desktop", "sound", "push", "mail"]
LOUD: Final = frozenset({"desktop", "sound", "push"})
"""Ways that are silent in quiet hours; a mail waits for their end."""

LocalTime = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Digest = Literal["hourly", "daily"]
_DAY: Final = timedelta(days=1)


class Ways(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """In which ways one kind of event tells."""

    app: bool = False
    """In the list, and a word in the window."""
    desktop: bool = False
    sound: bool = False
    push: bool = False
    """To every browser that subscribed, open or not."""
    mail: bool = False
    """In the next digest, unless read before."""


_HERE: Final = Ways(app=True, desktop=True, push=True)


class ByEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    # An offer has its own card on every page: a second word in the window would be noise.
    offer: Ways = Ways(desktop=True, sound=True, push=True)
    missed: Ways = Ways(app=True)
    mention: Ways = Ways(app=True, desktop=True, push=True, mail=True)
    assigned: Ways = Ways(app=True, desktop=True, push=True, mail=True)
    reply: Ways = _HERE
    woken: Ways = Ways(app=True)
    failed: Ways = _HERE
    dead_letter: Ways = Ways(app=True)
    spending: Ways = Ways(app=True, desktop=True, push=True, mail=True)
    forced: Ways = Ways(app=True, desktop=True)


class Quiet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Local times; a span that ends before it begins goes over midnight."""

    on: bool = False
    starts: LocalTime = "20:00"
    ends: LocalTime = "08:00"


class Choices(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    ways: ByEvent = field(default_factory=ByEvent)
    quiet: Quiet = field(default_factory=Quiet)
    timezone: Annotated[str, Meta(min_length=1, max_length=TIME_ZONE_CHARS)] = "UTC"
    digest: Digest = "daily"
    digest_at: LocalTime = "08:00"
    """When a daily digest leaves, in the agent's own time."""


USUAL: Final = Choices()


def ways_of(choices: Choices, event: str) -> frozenset[Way]:
    """Return the ways in which this agent wants to hear of the event."""
    chosen: Ways = getattr(choices.ways, event)
    return frozenset(cast("Way", name) for name in Ways.__struct_fields__ if getattr(chosen, name))


def is_quiet(choices: Choices, now: datetime) -> bool:
    """Say whether it is quiet for this agent; the end of the span is loud again."""
    quiet = choices.quiet
    if not quiet.on or quiet.starts == quiet.ends:
        return False
    at = now.astimezone(ZoneInfo(choices.timezone)).strftime("%H:%M")
    if quiet.starts < quiet.ends:
        return quiet.starts <= at < quiet.ends
    return at >= quiet.starts or at < quiet.ends


def digest_before(choices: Choices, now: datetime) -> datetime:
    """Return the last moment at or before `now` at which a digest leaves: a full hour, or once a
    day at the chosen local time."""
    local = now.astimezone(ZoneInfo(choices.timezone))
    if choices.digest == "hourly":
        return now.replace(minute=0, second=0, microsecond=0)
    hour, minute = (int(part) for part in choices.digest_at.split(":"))
    moment = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    # Wall-clock arithmetic: yesterday at the same local time, also when the clocks changed.
    moment = moment if moment <= local else moment - _DAY
    return moment.astimezone(now.tzinfo)


async def choices_of(session: AsyncSession, agent_ids: Collection[UUID]) -> dict[UUID, Choices]:
    """Return what each of them chose; who never did has the usual."""
    rows = await session.execute(
        select(NotificationChoicesRow.agent_id, NotificationChoicesRow.body).where(
            NotificationChoicesRow.agent_id.in_(sorted(agent_ids))
        )
    )
    chosen = {agent_id: msgspec.convert(body, Choices) for agent_id, body in rows}
    return {agent_id: chosen.get(agent_id, USUAL) for agent_id in agent_ids}


async def has_chosen(session: AsyncSession, agent_id: UUID) -> bool:
    return await session.get(NotificationChoicesRow, agent_id) is not None


async def put_choices(
    session: AsyncSession, agent_id: UUID, choices: Choices, now: datetime
) -> None:
    """Keep the choices; InvalidInputError when there is no such time zone."""
    try:
        ZoneInfo(choices.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInputError(
            "name a time zone such as “Europe/Kyiv”", field="timezone"
        ) from error
    row = {"agent_id": agent_id, "body": msgspec.to_builtins(choices), "updated_at": now}
    await put_row(session, NotificationChoicesRow, row, key=("agent_id",))
