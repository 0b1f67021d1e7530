"""Makes the actor of a request out of an agent, their role and their teams: one query."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, SQLColumnExpression, select
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from kernel.actor import Actor
from staff.permissions import effective
from staff.tables import AgentRow, RoleRow, TeamMemberRow


def with_agent(
    holder: type[DeclarativeBase],
    agent_id: InstrumentedAttribute[UUID],
    *columns: SQLColumnExpression[Any],
) -> Select[Any]:
    """Select `columns` of a session or token with its active agent, one row for each team."""
    return (
        select(AgentRow.id, AgentRow.name, RoleRow.permissions, TeamMemberRow.team_id, *columns)
        .select_from(holder)
        .join(AgentRow, agent_id == AgentRow.id)
        .join(RoleRow, AgentRow.role_id == RoleRow.id)
        .outerjoin(TeamMemberRow, TeamMemberRow.agent_id == AgentRow.id)
        .where(AgentRow.active)
    )


def actor_from(
    rows: list[Row[Any]],
    *,
    scopes: list[str] | None = None,
    session_id: UUID | None = None,
    token_id: UUID | None = None,
) -> Actor:
    """Build the actor from what `with_agent` found (at least one row)."""
    first = rows[0]
    return Actor(
        agent_id=first.id,
        name=first.name,
        permissions=effective(first.permissions, scopes),
        team_ids=frozenset(row.team_id for row in rows if row.team_id is not None),
        session_id=session_id,
        token_id=token_id,
    )
