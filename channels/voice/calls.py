"""The verbs of calls in the database. Every function works inside the caller's transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from channels.voice.events import CallChanged, CallControlled
from channels.voice.legs import Moment
from channels.voice.steps import Step
from channels.voice.tables import CallLegRow, CallMomentRow, CallRecordingRow, CallRow
from kernel.errors import NotFoundError
from kernel.ids import new_id
from kernel.journal import record
from kernel.upsert import insert_new

LIVE: Final = ("dialling", "ringing", "joined")
"""A leg in these states is somebody, or will be in a moment."""
_RANK: Final = {"dialling": 0, "ringing": 1, "joined": 2, "ended": 3}
SPEAKERS: Final = ("agent", "consulted", "third")


async def first_told(
    session: AsyncSession, account_id: UUID, moment: Moment, now: datetime
) -> bool:
    """Note a moment under its key; False when it was told before."""
    row = {"account_id": account_id, "key": moment.key, "at": now, "steps": None}
    fresh = await insert_new(session, CallMomentRow, [row], CallMomentRow.key)
    return bool(fresh)


async def keep_answer(
    session: AsyncSession, account_id: UUID, key: str, steps: Sequence[Step]
) -> None:
    row = await session.get_one(CallMomentRow, (account_id, key), populate_existing=True)
    row.steps = [msgspec.to_builtins(step) for step in steps]


async def answer_to(session: AsyncSession, account_id: UUID, key: str) -> list[Step] | None:
    """Return what was answered to this moment; None: nothing was."""
    row = await session.get(CallMomentRow, (account_id, key))
    if row is None or row.steps is None:
        return None
    return [msgspec.convert(one, Step) for one in row.steps]


async def find_call(session: AsyncSession, call_id: UUID, *, lock: bool = False) -> CallRow:
    call = await session.get(CallRow, call_id, with_for_update=lock or None)
    if call is None:
        raise NotFoundError
    return call


async def by_sid(session: AsyncSession, sid: str) -> CallRow | None:
    found: CallRow | None = await session.scalar(select(CallRow).where(CallRow.sid == sid))
    return found


async def unfinished(
    session: AsyncSession,
    account_id: UUID | None = None,
    *,
    only: Collection[UUID] | None = None,
) -> list[CallRow]:
    """Return the calls that go on, and those that are over with somebody still on the line."""
    hanging = select(CallLegRow.call_id).where(CallLegRow.state.in_(LIVE))
    statement = select(CallRow).where(or_(CallRow.ended_at.is_(None), CallRow.id.in_(hanging)))
    if account_id is not None:
        statement = statement.where(CallRow.account_id == account_id)
    if only is not None:
        statement = statement.where(CallRow.id.in_(only))
    return list(await session.scalars(statement.order_by(CallRow.id)))


async def to_ask_for(
    session: AsyncSession, account_id: UUID, before: datetime
) -> tuple[list[CallRow], list[CallRow]]:
    """Return the calls that are over whose client waited while the center was away, and those that
    ended before that moment with a recording whose end was never told."""
    over = select(CallRow).where(CallRow.account_id == account_id, CallRow.ended_at.is_not(None))
    astray = await session.scalars(over.where(CallRow.astray).order_by(CallRow.id))
    untold = select(CallRecordingRow.call_id).where(
        CallRecordingRow.state.in_(("running", "paused"))
    )
    hanging = over.where(CallRow.ended_at < before, CallRow.id.in_(untold))
    return list(astray), list(await session.scalars(hanging.order_by(CallRow.id)))


async def lead_astray(session: AsyncSession) -> None:
    """Mark every call whose client waits: nobody can say what they hear by now."""
    await session.execute(
        update(CallRow)
        .where(
            CallRow.ended_at.is_(None),
            CallRow.answered_at.is_(None),
            CallRow.direction == "inbound",
            CallRow.outcome == "",
        )
        .values(astray=True)
    )


async def of_contact(session: AsyncSession, contact_id: UUID) -> CallRow | None:
    """Return the newest call of a contact."""
    found: CallRow | None = await session.scalar(
        select(CallRow).where(CallRow.contact_id == contact_id).order_by(CallRow.id.desc()).limit(1)
    )
    return found


async def of_contacts(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, CallRow]:
    """Return the newest call of each contact."""
    rows = await session.scalars(
        select(CallRow).where(CallRow.contact_id.in_(sorted(ids))).order_by(CallRow.id)
    )
    return {row.contact_id: row for row in rows if row.contact_id is not None}


async def of_messages(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, CallRow]:
    if not ids:
        return {}
    rows = await session.scalars(select(CallRow).where(CallRow.message_id.in_(sorted(ids))))
    return {row.message_id: row for row in rows if row.message_id is not None}


async def legs_of(
    session: AsyncSession, call_ids: Collection[UUID]
) -> dict[UUID, list[CallLegRow]]:
    found: dict[UUID, list[CallLegRow]] = {call_id: [] for call_id in call_ids}
    rows = await session.scalars(
        select(CallLegRow)
        .where(CallLegRow.call_id.in_(sorted(call_ids)))
        .order_by(CallLegRow.id)
        .execution_options(populate_existing=True)
    )
    for row in rows:
        found[row.call_id].append(row)
    return found


async def legs(session: AsyncSession, call: CallRow) -> list[CallLegRow]:
    return (await legs_of(session, [call.id]))[call.id]


async def find_leg(session: AsyncSession, leg_id: UUID) -> CallLegRow | None:
    return await session.get(CallLegRow, leg_id)


async def leg_by_sid(session: AsyncSession, sid: str) -> CallLegRow | None:
    found: CallLegRow | None = await session.scalar(
        select(CallLegRow).where(CallLegRow.sid == sid).limit(1)
    )
    return found


async def leg_of_agent(session: AsyncSession, agent_id: UUID) -> list[CallLegRow]:
    """Return where an agent is on the line, or is being called."""
    return list(
        await session.scalars(
            select(CallLegRow).where(CallLegRow.agent_id == agent_id, CallLegRow.state.in_(LIVE))
        )
    )


async def of_agent(session: AsyncSession, agent_id: UUID) -> list[CallRow]:
    """Return the calls that go on and are this agent's, also before their telephone rings.

    One whose client waits again is nobody's, whoever had it before.
    """
    return list(
        await session.scalars(
            select(CallRow).where(
                CallRow.agent_id == agent_id,
                CallRow.ended_at.is_(None),
                CallRow.state != "waiting",
            )
        )
    )


def add_leg(session: AsyncSession, call: CallRow, now: datetime, **values: Any) -> CallLegRow:
    leg = CallLegRow(
        id=new_id(),
        call_id=call.id,
        **{"agent_id": None, "name": "", "state": "dialling", **values},
        began_at=now,
        since=now,
    )
    session.add(leg)
    return leg


def move_leg(leg: CallLegRow, state: str, now: datetime, *, why: str = "") -> bool:
    """Move a leg forward; what is told late or again changes nothing and is False."""
    if _RANK[state] <= _RANK[leg.state]:
        return False
    leg.state, leg.since = state, now
    if state == "joined":
        leg.joined_at = now
    if state == "ended":
        leg.ended_at, leg.why = now, why or "completed"
        leg.on_hold = leg.muted = False
    return True


async def note_change(session: AsyncSession, call: CallRow, now: datetime) -> None:
    """Tell whoever may see the call how it is now, and whoever was asked into it."""
    await session.flush()
    call.version += 1
    rows = await legs(session, call)
    told = [_leg(row) for row in rows if row.state != "ended"]
    facts: dict[str, Any] = {
        "call_id": call.id,
        "state": call.state,
        "outcome": call.outcome,
        "direction": call.direction,
        "since": call.ended_at or call.answered_at or call.waiting_since or call.started_at,
        "recording": call.recording,
        "legs": told,
    }
    record(
        session,
        CallChanged(
            ticket_id=call.ticket_id,
            client_id=call.client_id,
            contact_id=call.contact_id,
            queue_id=call.queue_id,
            **facts,
        ),
    )
    asked = {row.agent_id for row in rows if row.agent_id and row.role != "client"}
    for agent_id in sorted(asked):
        record(session, CallChanged(only_agent_id=agent_id, client_id=call.client_id, **facts))


def note_control(session: AsyncSession, call: CallRow, what: str, detail: str, *, by: UUID) -> None:
    """Leave in the journal who did what with a call; keys that were pressed are never told."""
    record(
        session,
        CallControlled(
            actor_id=by,
            ticket_id=call.ticket_id,
            client_id=call.client_id,
            contact_id=call.contact_id,
            queue_id=call.queue_id,
            call_id=call.id,
            what=what,
            detail=detail,
        ),
    )


async def made_since(session: AsyncSession, account_id: UUID, since: datetime) -> int:
    """Count the legs that the center dialled from an account."""
    found: int | None = await session.scalar(
        select(func.count())
        .select_from(CallLegRow)
        .join(CallRow, CallRow.id == CallLegRow.call_id)
        .where(
            CallRow.account_id == account_id,
            CallLegRow.began_at >= since,
            or_(CallLegRow.role != "client", CallRow.direction == "outbound"),
        )
    )
    return found or 0


async def minutes_since(
    session: AsyncSession, account_id: UUID, since: datetime, now: datetime
) -> int:
    """Add up the minutes of those legs, each begun one whole as providers bill them."""
    rows = await session.execute(
        select(CallLegRow.joined_at, CallLegRow.ended_at)
        .join(CallRow, CallRow.id == CallLegRow.call_id)
        .where(
            CallRow.account_id == account_id,
            CallLegRow.began_at >= since,
            CallLegRow.joined_at.is_not(None),
            or_(CallLegRow.role != "client", CallRow.direction == "outbound"),
        )
    )
    spans = [(ended or now) - began for began, ended in rows if began is not None]
    return sum(ceil(span / timedelta(minutes=1)) for span in spans)


async def callbacks_since(session: AsyncSession, number: str, since: datetime) -> int:
    """Count how often a number asked to be called back."""
    found: int | None = await session.scalar(
        select(func.count())
        .select_from(CallRow)
        .where(
            CallRow.number == number,
            CallRow.started_at >= since,
            CallRow.outcome == "callback",
        )
    )
    return found or 0


async def page(
    session: AsyncSession,
    *,
    client_id: UUID | None = None,
    ticket_id: UUID | None = None,
    of_tickets: Select[UUID] | None = None,
    before: UUID | None = None,
    limit: int,
) -> list[CallRow]:
    """Return calls, the newest first."""
    statement = select(CallRow).order_by(CallRow.id.desc()).limit(limit)
    if client_id is not None:
        statement = statement.where(CallRow.client_id == client_id)
    if ticket_id is not None:
        statement = statement.where(CallRow.ticket_id == ticket_id)
    if of_tickets is not None:
        statement = statement.where(CallRow.ticket_id.in_(of_tickets))
    if before is not None:
        statement = statement.where(CallRow.id < before)
    return list(await session.scalars(statement))


async def last_started(session: AsyncSession, account_id: UUID) -> datetime | None:
    found: datetime | None = await session.scalar(
        select(func.max(CallRow.started_at)).where(CallRow.account_id == account_id)
    )
    return found


def _leg(row: CallLegRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "role": row.role,
        "agent_id": str(row.agent_id) if row.agent_id else None,
        "name": row.name,
        "state": row.state,
        "on_hold": row.on_hold,
        "muted": row.muted,
        "mode": row.mode,
        "since": row.since.isoformat(),
    }
