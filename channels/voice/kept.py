"""Recordings that lie in the house, and who listened to them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.voice.events import RecordingHeard
from channels.voice.tables import CallRecordingRow, CallRow, RecordingHeardRow
from kernel.errors import NotFoundError
from kernel.ids import new_id
from kernel.journal import record


async def of_calls(
    session: AsyncSession, ids: Collection[UUID]
) -> dict[UUID, list[CallRecordingRow]]:
    found: dict[UUID, list[CallRecordingRow]] = {call_id: [] for call_id in ids}
    rows = await session.scalars(
        select(CallRecordingRow)
        .where(CallRecordingRow.call_id.in_(sorted(ids)))
        .order_by(CallRecordingRow.id)
    )
    for row in rows:
        found[row.call_id].append(row)
    return found


async def running(session: AsyncSession, call_id: UUID) -> CallRecordingRow | None:
    """Return the recording that goes on, or is paused."""
    found: CallRecordingRow | None = await session.scalar(
        select(CallRecordingRow)
        .where(
            CallRecordingRow.call_id == call_id, CallRecordingRow.state.in_(("running", "paused"))
        )
        .order_by(CallRecordingRow.id.desc())
        .limit(1)
    )
    return found


def begin(
    session: AsyncSession, call: CallRow, sid: str, *, by: UUID | None, now: datetime
) -> CallRecordingRow:
    row = CallRecordingRow(
        id=new_id(),
        call_id=call.id,
        sid=sid,
        kind="talk",
        state="running",
        started_by=by,
        started_at=now,
    )
    session.add(row)
    return row


async def listen(
    session: AsyncSession, call: CallRow, recording_id: UUID, *, by: UUID, now: datetime
) -> CallRecordingRow:
    """Return a recording of the call that lies here, and note who listens to it."""
    row = await session.get(CallRecordingRow, recording_id)
    if row is None or row.call_id != call.id or row.blob is None:
        raise NotFoundError
    session.add(RecordingHeardRow(id=new_id(), recording_id=row.id, agent_id=by, at=now))
    record(
        session,
        RecordingHeard(
            actor_id=by,
            ticket_id=call.ticket_id,
            client_id=call.client_id,
            contact_id=call.contact_id,
            call_id=call.id,
            recording_id=row.id,
            agent_id=by,
        ),
    )
    return row


async def heard_by(session: AsyncSession, recording_id: UUID) -> list[RecordingHeardRow]:
    """Return who listened, the latest first."""
    return list(
        await session.scalars(
            select(RecordingHeardRow)
            .where(RecordingHeardRow.recording_id == recording_id)
            .order_by(RecordingHeardRow.id.desc())
        )
    )


async def blobs_in_use(session: AsyncSession, keys: Sequence[str]) -> set[str]:
    """Return those of the blobs that hold a recording."""
    rows = await session.scalars(
        select(CallRecordingRow.blob).where(CallRecordingRow.blob.in_(keys))
    )
    return {key for key in rows if key is not None}
