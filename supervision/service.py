"""Limits of queues as supervisors set them, and the alerts that their crossing raised."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.cursors import read_cursor
from kernel.errors import ConflictError, InvalidInputError, NotFoundError
from kernel.ids import new_id
from kernel.journal import record
from kernel.limits import THRESHOLDS
from kernel.upsert import insert_new
from supervision.events import AlertEnded, AlertRaised, ThresholdChanged
from supervision.tables import AlertRow, ThresholdRow
from supervision.thresholds import COUNTED, Kind


async def list_thresholds(session: AsyncSession) -> list[ThresholdRow]:
    return list(
        await session.scalars(
            select(ThresholdRow).order_by(ThresholdRow.queue_id, ThresholdRow.kind)
        )
    )


async def find_threshold(session: AsyncSession, threshold_id: UUID) -> ThresholdRow:
    row = await session.get(ThresholdRow, threshold_id, with_for_update=True)
    if row is None:
        raise NotFoundError
    return row


async def add_threshold(
    session: AsyncSession, values: Mapping[str, Any], now: datetime
) -> ThresholdRow:
    """Set a limit; InvalidInputError when the queue has one of this kind, or it makes no sense."""
    same = select(ThresholdRow.id).where(
        ThresholdRow.queue_id == values["queue_id"], ThresholdRow.kind == values["kind"]
    )
    if await session.scalar(same) is not None:
        raise InvalidInputError("this queue has such a limit already", field="kind")
    if (await session.scalar(select(func.count(ThresholdRow.id))) or 0) >= THRESHOLDS:
        raise ConflictError(f"there are {THRESHOLDS} limits already; remove some first")
    row = ThresholdRow(id=new_id(), created_at=now, **_checked(values))
    session.add(row)
    await session.flush()
    record(session, ThresholdChanged(queue_id=row.queue_id, threshold_id=row.id))
    return row


async def change_threshold(
    session: AsyncSession,
    row: ThresholdRow,
    changes: Mapping[str, Any],
    *,
    version: int,
    now: datetime,
) -> None:
    """Change a limit; an alert of the old one is over, and the new one speaks for itself."""
    if row.version != version:
        raise ConflictError
    checked = _checked({"kind": row.kind, "most": row.most, **changes})
    for name in changes:
        setattr(row, name, checked[name])
    row.version += 1
    await end_alerts(session, [row.id], now)
    record(session, ThresholdChanged(queue_id=row.queue_id, threshold_id=row.id))


async def remove_threshold(session: AsyncSession, row: ThresholdRow, now: datetime) -> None:
    """Remove a limit; its alerts stay in the list of what was."""
    await end_alerts(session, [row.id], now)
    await session.execute(
        update(AlertRow)
        .where(AlertRow.threshold_id == row.id)
        .values(threshold_id=None)
        .execution_options(synchronize_session=False)
    )
    await session.delete(row)
    record(session, ThresholdChanged(queue_id=row.queue_id, threshold_id=row.id))


async def raise_alert(
    session: AsyncSession,
    threshold: ThresholdRow,
    value: float,
    *,
    contacts: Sequence[UUID] = (),
    now: datetime,
) -> UUID | None:
    """Begin an alert and tell of it; None when another node has begun it, or the limit changed."""
    current = await session.get(ThresholdRow, threshold.id, with_for_update=True)
    if current is None or not current.enabled or current.version != threshold.version:
        return None
    alert_id, measured = new_id(), round(value)
    alert = {
        "id": alert_id,
        "open_of": threshold.id,
        "threshold_id": threshold.id,
        "queue_id": threshold.queue_id,
        "kind": threshold.kind,
        "most": threshold.most,
        "value": measured,
        "sound": threshold.sound,
        "facts": {"contacts": [str(one) for one in contacts]},
        "since": now,
        "until": None,
    }
    if not await insert_new(session, AlertRow, [alert], AlertRow.id):
        return None
    record(
        session,
        AlertRaised(
            queue_id=threshold.queue_id,
            alert_id=alert_id,
            what=threshold.kind,
            most=threshold.most,
            value=measured,
            sound=threshold.sound,
        ),
    )
    return alert_id


async def end_alerts(session: AsyncSession, threshold_ids: Collection[UUID], now: datetime) -> int:
    """End the alerts of these limits that last; return how many did."""
    ended = await session.execute(
        update(AlertRow)
        .where(AlertRow.open_of.in_(list(threshold_ids)))
        .values(open_of=None, until=now)
        .returning(AlertRow.id, AlertRow.queue_id, AlertRow.kind)
        .execution_options(synchronize_session=False)
    )
    rows = ended.all()
    for row in rows:
        record(session, AlertEnded(queue_id=row.queue_id, alert_id=row.id, what=row.kind))
    return len(rows)


async def open_alerts(session: AsyncSession) -> list[AlertRow]:
    """Return the alerts that last, the newest first."""
    return list(
        await session.scalars(
            select(AlertRow)
            .where(AlertRow.open_of.is_not(None))
            .order_by(AlertRow.since.desc(), AlertRow.id.desc())
        )
    )


async def list_alerts(
    session: AsyncSession, *, after: str | None = None, limit: int
) -> list[AlertRow]:
    """Return a page of all alerts there were, the newest first."""
    statement = select(AlertRow)
    if after is not None:
        moment, last_id = read_cursor(after)
        statement = statement.where(
            or_(
                AlertRow.since < moment,
                and_(AlertRow.since == moment, AlertRow.id < last_id),
            )
        )
    return list(
        await session.scalars(
            statement.order_by(AlertRow.since.desc(), AlertRow.id.desc()).limit(limit)
        )
    )


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    kind, most = Kind(values["kind"]), values["most"]
    if kind in COUNTED and most < 1:
        raise InvalidInputError("at least 1", field="most")
    if kind is Kind.SERVICE_LEVEL and most > 100:
        raise InvalidInputError("percent: at most 100", field="most")
    return {**values, "most": most if kind in COUNTED else 0}
