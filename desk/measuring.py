"""Measures what limits are set to: who waits, how well they are served, who is there for them."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct, field
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import CenterError
from kernel.limits import ALERT_CONTACTS_LOOKED_AT, ALERT_SERVICE_LEVEL_SPAN
from routing import administration, queries
from routing import service as routing
from routing.calendars import standing
from routing.model import Gate
from routing.records import Standing
from routing.tables import CalendarRow, QueueRow
from staff import presence, roster
from supervision import metrics
from supervision import queries as figures
from supervision.thresholds import Kind

Why = Callable[[UUID], Standing]
"""Where a contact stands; an error when it is gone, or another node knows."""

FOR_EVER: Final = frozenset(
    {Gate.KEPT_FOR_ANOTHER, Gate.NOT_IN_QUEUE, Gate.NOT_ON_CHANNEL, Gate.LACKS_SKILL}
)
"""Gates that do not open because somebody comes or finishes."""


class Measured(Struct, frozen=True, kw_only=True):
    """One figure; None when there is nothing to judge."""

    value: float | None
    contacts: tuple[UUID, ...] = ()


class Floor(Struct):
    """What several figures of one look have in common."""

    queues: dict[UUID, QueueRow]
    waiting: dict[UUID, queries.Waiting]
    members: dict[UUID, list[UUID]]
    available: frozenset[UUID]
    open_queues: set[UUID] = field(default_factory=set)


async def measure(
    session: AsyncSession,
    asked: Collection[tuple[UUID, Kind]],
    why: Why,
    now: datetime,
) -> dict[tuple[UUID, Kind], Measured]:
    """Measure what is asked, for each queue that is there."""
    floor = await _read(session, {queue_id for queue_id, _ in asked}, now)
    return {
        (queue_id, kind): await _one(session, floor, queue_id, kind, why, now)
        for queue_id, kind in sorted(asked)
        if queue_id in floor.queues
    }


async def _read(session: AsyncSession, queue_ids: Collection[UUID], now: datetime) -> Floor:
    queues = {one.id: one for one in await routing.list_queues(session) if one.id in queue_ids}
    floor = Floor(
        queues=queues,
        waiting=await queries.waiting_now(session, sorted(queues)),
        members=await routing.members(session),
        available=frozenset(
            seat.agent_id
            for seat in await roster.seats(session)
            if seat.state == presence.AVAILABLE
        ),
    )
    for queue in queues.values():
        if await _is_open(session, queue, now):
            floor.open_queues.add(queue.id)
    return floor


async def _one(
    session: AsyncSession, floor: Floor, queue_id: UUID, kind: Kind, why: Why, now: datetime
) -> Measured:
    waiting = floor.waiting.get(queue_id)
    match kind:
        case Kind.WAITING:
            return Measured(value=waiting.contacts if waiting else 0)
        case Kind.LONGEST_WAIT:
            return Measured(value=(now - waiting.oldest).total_seconds() if waiting else 0)
        case Kind.SERVICE_LEVEL:
            return Measured(value=await _level(session, floor.queues[queue_id], now))
        case Kind.NOBODY_AVAILABLE:
            if queue_id not in floor.open_queues:
                return Measured(value=None)
            return Measured(
                value=len(floor.available.intersection(floor.members.get(queue_id, ())))
            )
        case Kind.LOST:
            lost = await _lost(session, queue_id, why) if waiting else ()
            return Measured(value=len(lost), contacts=tuple(lost))


async def _level(session: AsyncSession, queue: QueueRow, now: datetime) -> float | None:
    target = timedelta(seconds=queue.service_target_seconds)
    since = now - max(ALERT_SERVICE_LEVEL_SPAN, 2 * target)
    waits = await figures.still_in_time(session, queue.id, since=since, entered_after=now - target)
    counts = await figures.queue_counts(session, queue.id, since)
    return metrics.service_level(counts, still_in_time=waits)


async def _is_open(session: AsyncSession, queue: QueueRow, now: datetime) -> bool:
    if queue.calendar_id is None:
        return True
    calendar = administration.calendar_of(
        await administration.found(session, CalendarRow, queue.calendar_id)
    )
    open_now, _ = standing(calendar, now)
    return open_now


async def _lost(session: AsyncSession, queue_id: UUID, why: Why) -> Sequence[UUID]:
    """Who is served by nobody becomes the one who waits longest: the first few are enough."""
    first = await queries.list_contacts(
        session, states=("queued",), queue_id=queue_id, limit=ALERT_CONTACTS_LOOKED_AT
    )
    lost: list[UUID] = []
    for contact in first:
        try:
            standing = why(contact.id)
        except CenterError:
            continue
        if nobody_can(standing):
            lost.append(contact.id)
    return lost


def nobody_can(standing: Standing) -> bool:
    """Say whether no agent there is could ever have the contact where it waits."""
    gates = standing.gates
    if standing.overflows_at_us is not None:
        return False
    stopped = 0
    for one in gates.blocked:
        if one.gate is Gate.QUEUE_CLOSED:
            return False
        if one.gate in FOR_EVER:
            if one.opens_at_us is not None:
                return False
            stopped += one.agents
    return stopped >= gates.agents
