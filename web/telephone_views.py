"""Calls as the API shows them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels.voice import calls, kept
from channels.voice.tables import CallLegRow, CallRecordingRow, CallRow
from kernel.actor import Actor
from web.telephone_shapes import CallLegView, CallView, RecordingView
from web.views import client_names

HEAR = "recording.listen"


async def call_views(
    session: AsyncSession, rows: Sequence[CallRow], *, reader: Actor
) -> list[CallView]:
    """Show calls with whoever is or was in them; recordings only to who may hear them."""
    ids = [row.id for row in rows]
    legs = await calls.legs_of(session, ids)
    recordings = await kept.of_calls(session, ids)
    names = await client_names(session, {row.client_id for row in rows if row.client_id})
    return [_view(row, legs[row.id], recordings[row.id], names, reader) for row in rows]


async def of_messages(
    session: AsyncSession, ids: Sequence[UUID], *, reader: Actor
) -> Mapping[UUID, CallView]:
    """Return, by message, the calls that messages stand for."""
    found = await calls.of_messages(session, ids)
    shown = {one.id: one for one in await call_views(session, list(found.values()), reader=reader)}
    return {message_id: shown[row.id] for message_id, row in found.items()}


def _view(
    row: CallRow,
    legs: Sequence[CallLegRow],
    recordings: Sequence[CallRecordingRow],
    names: Mapping[UUID, str],
    reader: Actor,
) -> CallView:
    return CallView(
        id=row.id,
        account_id=row.account_id,
        direction=cast("Any", row.direction),
        state=cast("Any", row.state),
        outcome=row.outcome,
        number=row.number,
        own_number=row.own_number,
        unverified=row.direction == "inbound",
        locale=row.locale,
        client_id=row.client_id,
        client_name=names.get(row.client_id, "") if row.client_id else "",
        ticket_id=row.ticket_id,
        contact_id=row.contact_id,
        queue_id=row.queue_id,
        message_id=row.message_id,
        agent_id=row.agent_id,
        started_at=row.started_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        waited_seconds=_between(row.waiting_since, row.answered_at or row.ended_at),
        talked_seconds=_between(row.answered_at, row.ended_at),
        recording=cast("Any", row.recording),
        legs=[_leg(leg) for leg in legs],
        recordings=[_recording(row, one, reader) for one in recordings],
    )


def _between(start: datetime | None, end: datetime | None) -> int | None:
    if start is None or end is None:
        return None
    return max(0, int((end - start).total_seconds()))


def _leg(row: CallLegRow) -> CallLegView:
    return CallLegView(
        id=row.id,
        role=cast("Any", row.role),
        agent_id=row.agent_id,
        name=row.name,
        # A colleague's own telephone is nobody's business.
        number="" if row.agent_id else row.number,
        state=cast("Any", row.state),
        why=row.why,
        mode=cast("Any", row.mode),
        on_hold=row.on_hold,
        muted=row.muted,
        since=row.since,
        seconds=_between(row.joined_at, row.ended_at),
    )


def _recording(call: CallRow, row: CallRecordingRow, reader: Actor) -> RecordingView:
    url = None
    if row.blob is not None and reader.may(HEAR):
        url = f"/api/v1/calls/{call.id}/recordings/{row.id}"
    return RecordingView(
        id=row.id,
        kind=cast("Any", row.kind),
        state=cast("Any", row.state),
        seconds=row.seconds,
        size=row.size,
        started_at=row.started_at,
        url=url,
    )
