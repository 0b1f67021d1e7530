"""Whether each agent is at their desk: available, away with a reason, or offline."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.actor import Actor
from kernel.errors import InvalidInputError, NotFoundError
from kernel.journal import record
from kernel.limits import PRESENCE_REASON_CHARS
from kernel.upsert import put_row
from staff.events import PresenceChanged, PresenceForced
from staff.tables import AgentRow, PresenceRow

AVAILABLE: Final = "available"
AWAY: Final = "away"
OFFLINE: Final = "offline"
STATES: Final = (AVAILABLE, AWAY, OFFLINE)


class Presence(Struct, frozen=True, kw_only=True):
    agent_id: UUID
    state: str
    reason: str
    since: datetime
    idle_since: datetime


async def set_presence(
    session: AsyncSession,
    agent_id: UUID,
    state: str,
    reason: str,
    now: datetime,
    *,
    by: UUID | None = None,
) -> Presence:
    """Set an active agent's presence and return it; the same again changes and tells nothing.

    `by` is whoever did it, nobody when the house did (an offer ran out, a browser vanished). Who
    becomes available queues behind those who have been idle longer. Raises NotFoundError for
    an agent that is not there or no longer active, who can only be offline.
    """
    if state not in STATES:
        raise InvalidInputError(f"one of {', '.join(STATES)}", field="state")
    reason = " ".join(reason.split())[:PRESENCE_REASON_CHARS] if state != AVAILABLE else ""
    old = await _locked(session, agent_id)
    active = await session.scalar(select(AgentRow.active).where(AgentRow.id == agent_id))
    if active is None or (not active and state != OFFLINE):
        raise NotFoundError("no such agent")
    if old is not None and (old.state, old.reason) == (state, reason):
        return old
    new = Presence(
        agent_id=agent_id,
        state=state,
        reason=reason,
        since=now,
        idle_since=now if state == AVAILABLE or old is None else old.idle_since,
    )
    await _store(session, new)
    record(
        session,
        PresenceChanged(actor_id=by, agent_id=agent_id, state=state, reason=reason, since=now),
    )
    return new


async def force(
    session: AsyncSession,
    agent_id: UUID,
    state: str,
    reason: str,
    now: datetime,
    *,
    by: Actor,
    note: str = "",
    signed_out: bool = False,
) -> Presence:
    """Set somebody else's presence, and tell them who did it and why."""
    now_is = await set_presence(session, agent_id, state, reason, now, by=by.agent_id)
    if agent_id != by.agent_id:
        record(
            session,
            PresenceForced(
                actor_id=by.agent_id,
                only_agent_id=agent_id,
                agent_id=agent_id,
                state=now_is.state,
                reason=now_is.reason,
                note=" ".join(note.split()),
                by=by.name,
                signed_out=signed_out,
            ),
        )
    return now_is


async def mark_idle(session: AsyncSession, agent_ids: Collection[UUID], now: datetime) -> None:
    """Note that these agents became free for a contact just now."""
    if agent_ids:
        await session.execute(
            update(PresenceRow)
            .where(PresenceRow.agent_id.in_(sorted(agent_ids)))
            .values(idle_since=now)
            .execution_options(synchronize_session=False)
        )


async def is_here(session: AsyncSession, agent_id: UUID) -> bool:
    """Say whether an active agent is available or away, not offline."""
    found = await session.scalar(
        select(PresenceRow.state)
        .join(AgentRow, AgentRow.id == PresenceRow.agent_id)
        .where(PresenceRow.agent_id == agent_id, AgentRow.active.is_(True))
    )
    return found is not None and found != OFFLINE


async def list_presence(session: AsyncSession) -> list[Presence]:
    """Return the presence of every active agent; who never set it is offline."""
    rows = await session.execute(
        select(
            AgentRow.id,
            AgentRow.created_at,
            PresenceRow.state,
            PresenceRow.reason,
            PresenceRow.since,
            PresenceRow.idle_since,
        )
        .outerjoin(PresenceRow, PresenceRow.agent_id == AgentRow.id)
        .where(AgentRow.active)
        .order_by(AgentRow.name, AgentRow.id)
    )
    return [
        Presence(
            agent_id=row.id,
            state=row.state or OFFLINE,
            reason=row.reason or "",
            since=row.since or row.created_at,
            idle_since=row.idle_since or row.created_at,
        )
        for row in rows
    ]


async def presence_of(session: AsyncSession, agent_id: UUID) -> Presence:
    for one in await list_presence(session):
        if one.agent_id == agent_id:
            return one
    raise NotFoundError("no such agent")


async def _locked(session: AsyncSession, agent_id: UUID) -> Presence | None:
    row = (
        await session.execute(
            select(PresenceRow.state, PresenceRow.reason, PresenceRow.since, PresenceRow.idle_since)
            .where(PresenceRow.agent_id == agent_id)
            .with_for_update()
        )
    ).one_or_none()
    return None if row is None else Presence(agent_id=agent_id, **row._mapping)  # noqa: SLF001 - the public name of a row's dict


async def _store(session: AsyncSession, new: Presence) -> None:
    row = {
        "agent_id": new.agent_id,
        "state": new.state,
        "reason": new.reason,
        "since": new.since,
        "idle_since": new.idle_since,
    }
    await put_row(session, PresenceRow, row, key=["agent_id"])
