"""What is asked of the figures: sums of a period, by interval, and the contacts behind them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.cursors import make_cursor, read_cursor
from kernel.errors import InvalidInputError
from supervision.counts import WAITING, AgentCounts, QueueCounts, passed, quarter_of
from supervision.tables import AgentIntervalRow, QueueIntervalRow, VisitRow
from supervision.tallying import read_clocks

QUEUE_SUMS = QueueCounts.__struct_fields__
AGENT_SUMS = AgentCounts.__struct_fields__


class Period(Struct, frozen=True, kw_only=True):
    """From one quarter of an hour up to (not with) another, in steps of so many quarters."""

    first: int
    end: int
    step: int = 1


class QueueInterval(Struct, frozen=True, kw_only=True):
    quarter: int
    queue_id: UUID
    channel: str
    counts: QueueCounts


class AgentInterval(Struct, frozen=True, kw_only=True):
    quarter: int
    agent_id: UUID
    counts: AgentCounts


async def queue_intervals(
    session: AsyncSession,
    period: Period,
    *,
    queue_id: UUID | None = None,
    after: str | None = None,
    limit: int,
) -> list[QueueInterval]:
    """Return the figures by interval, queue and channel, in that order."""
    row = QueueIntervalRow
    bucket = _bucket(row.quarter, period)
    statement = (
        select(bucket, row.queue_id, row.channel, *(_sum(row, name) for name in QUEUE_SUMS))
        .where(row.quarter >= period.first, row.quarter < period.end)
        .group_by(bucket, row.queue_id, row.channel)
        .order_by(bucket, row.queue_id, row.channel)
        .limit(limit)
    )
    if queue_id is not None:
        statement = statement.where(row.queue_id == queue_id)
    if after is not None:
        number, queue, channel = _read_cursor(after, 3)
        last = (int(number), UUID(queue), channel)
        statement = statement.where(tuple_(bucket, row.queue_id, row.channel) > last)
    return [
        QueueInterval(
            quarter=period.first + found[0] * period.step,
            queue_id=found[1],
            channel=found[2],
            counts=_counts(QueueCounts, QUEUE_SUMS, found[3:]),
        )
        for found in await session.execute(statement)
    ]


async def agent_intervals(
    session: AsyncSession,
    period: Period,
    *,
    agent_id: UUID | None = None,
    after: str | None = None,
    limit: int,
) -> list[AgentInterval]:
    """Return the figures by interval and agent, in that order."""
    row = AgentIntervalRow
    bucket = _bucket(row.quarter, period)
    statement = (
        select(bucket, row.agent_id, *(_sum(row, name) for name in AGENT_SUMS))
        .where(row.quarter >= period.first, row.quarter < period.end)
        .group_by(bucket, row.agent_id)
        .order_by(bucket, row.agent_id)
        .limit(limit)
    )
    if agent_id is not None:
        statement = statement.where(row.agent_id == agent_id)
    if after is not None:
        number, agent = _read_cursor(after, 2)
        statement = statement.where(tuple_(bucket, row.agent_id) > (int(number), UUID(agent)))
    return [
        AgentInterval(
            quarter=period.first + found[0] * period.step,
            agent_id=found[1],
            counts=_counts(AgentCounts, AGENT_SUMS, found[2:]),
        )
        for found in await session.execute(statement)
    ]


def queue_cursor(last: QueueInterval, period: Period) -> str:
    return f"{(last.quarter - period.first) // period.step}.{last.queue_id.hex}.{last.channel}"


def agent_cursor(last: AgentInterval, period: Period) -> str:
    return f"{(last.quarter - period.first) // period.step}.{last.agent_id.hex}"


async def queue_totals(session: AsyncSession, since: datetime) -> dict[UUID, QueueCounts]:
    """Return the sums of every queue over all channels since a quarter of an hour."""
    row = QueueIntervalRow
    found = await session.execute(
        select(row.queue_id, *(_sum(row, name) for name in QUEUE_SUMS))
        .where(row.quarter >= quarter_of(since))
        .group_by(row.queue_id)
    )
    return {one[0]: _counts(QueueCounts, QUEUE_SUMS, one[1:]) for one in found}


async def queue_counts(session: AsyncSession, queue_id: UUID, since: datetime) -> QueueCounts:
    """Return the sums of one queue over all channels since a quarter of an hour."""
    row = QueueIntervalRow
    found = await session.execute(
        select(*(func.coalesce(_sum(row, name), 0) for name in QUEUE_SUMS)).where(
            row.quarter >= quarter_of(since), row.queue_id == queue_id
        )
    )
    counts: QueueCounts = _counts(QueueCounts, QUEUE_SUMS, found.one())
    return counts


async def agent_totals(
    session: AsyncSession, since: datetime, now: datetime
) -> dict[UUID, AgentCounts]:
    """Return the sums of every agent since a quarter of an hour, up to this moment."""
    row = AgentIntervalRow
    first = quarter_of(since)
    found = await session.execute(
        select(row.agent_id, *(_sum(row, name) for name in AGENT_SUMS))
        .where(row.quarter >= first)
        .group_by(row.agent_id)
    )
    totals = {one[0]: _counts(AgentCounts, AGENT_SUMS, one[1:]) for one in found}
    for clock in await read_clocks(session):
        for quarter, counts in passed(clock, now):
            if quarter >= first:
                totals[clock.agent_id] = totals.get(clock.agent_id, AgentCounts()) + counts
    return totals


async def still_in_time(
    session: AsyncSession, queue_id: UUID, *, since: datetime, entered_after: datetime
) -> int:
    """Count visits since `since` that wait, and not yet longer than from `entered_after`; who is
    to be called back has no part in it.
    """
    found = await session.scalar(
        select(func.count()).where(
            VisitRow.queue_id == queue_id,
            VisitRow.entered_at >= max(since, entered_after),
            VisitRow.outcome == WAITING,
            VisitRow.callback_since.is_(None),
        )
    )
    return found or 0


def visits(
    *,
    since: datetime,
    until: datetime,
    queue_id: UUID | None = None,
    agent_id: UUID | None = None,
    channel: str | None = None,
    outcome: str | None = None,
    callbacks: bool | None = None,
    after: str | None = None,
) -> Select[VisitRow]:
    """Select the visits that a figure of the period counts, newest first."""
    statement = select(VisitRow).where(VisitRow.entered_at >= since, VisitRow.entered_at < until)
    for column, value in (
        (VisitRow.queue_id, queue_id),
        (VisitRow.agent_id, agent_id),
        (VisitRow.channel, channel),
        (VisitRow.outcome, outcome),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if callbacks is not None:
        statement = statement.where(VisitRow.callback_since.is_not(None) == callbacks)
    if after is not None:
        # A visit's number is no UUID, but goes into one, and so into the cursor every page has.
        moment, number = read_cursor(after)
        statement = statement.where(
            or_(
                VisitRow.entered_at < moment,
                and_(VisitRow.entered_at == moment, VisitRow.seq < number.int % 2**63),
            )
        )
    return statement.order_by(VisitRow.entered_at.desc(), VisitRow.seq.desc())


def visit_cursor(last: VisitRow) -> str:
    return make_cursor(last.entered_at, UUID(int=last.seq))


def _bucket(quarter: Any, period: Period) -> ColumnElement[int]:
    """Number the intervals from the first; whole numbers, none negative, so cutting is enough."""
    found: ColumnElement[int] = (quarter - period.first) // period.step
    return found


def _sum(row: Any, name: str) -> ColumnElement[int]:
    return func.sum(getattr(row, name))


def _counts(kind: Any, names: Sequence[str], values: Sequence[Any]) -> Any:
    # PostgreSQL adds big integers as decimals.
    return kind(**{name: int(value) for name, value in zip(names, values, strict=True)})


def _read_cursor(cursor: str, parts: int) -> list[str]:
    found = cursor.split(".", parts - 1)
    try:
        int(found[0])
        UUID(found[1])
    except (ValueError, IndexError) as error:
        raise _foreign_cursor() from error
    if len(found) != parts:
        raise _foreign_cursor()
    return found


def _foreign_cursor() -> InvalidInputError:
    return InvalidInputError(
        "this cursor is not one of ours; start from the first page", field="cursor"
    )
