"""Who can be given work: every active agent with capacity and presence."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from staff.tables import AgentRow, PresenceRow


class Seat(Struct, frozen=True, kw_only=True):
    """One agent as the router needs them. An agent who never signed in is offline."""

    agent_id: UUID
    name: str
    capacity: dict[str, int]
    state: str
    reason: str
    created_at: datetime
    since: datetime | None
    idle_since: datetime | None


async def seats(session: AsyncSession) -> list[Seat]:
    rows = await session.execute(
        select(
            AgentRow.id,
            AgentRow.name,
            AgentRow.capacity,
            PresenceRow.state,
            PresenceRow.reason,
            AgentRow.created_at,
            PresenceRow.since,
            PresenceRow.idle_since,
        )
        .outerjoin(PresenceRow, PresenceRow.agent_id == AgentRow.id)
        .where(AgentRow.active)
        .order_by(AgentRow.id)
    )
    return [
        Seat(
            agent_id=row.id,
            name=row.name,
            capacity=row.capacity,
            state=row.state or "offline",
            reason=row.reason or "",
            created_at=row.created_at,
            since=row.since,
            idle_since=row.idle_since,
        )
        for row in rows
    ]
