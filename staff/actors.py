"""Makes the actor of a request out of an agent, their role and their teams: one query."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Select, SQLColumnExpression, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from kernel.actor import Actor
from staff.permissions import effective
from staff.tables import AgentRow, RoleRow, TeamMemberRow


class Standing(Struct, frozen=True, kw_only=True):
    """What an active agent's role and teams grant at this moment."""

    permissions: frozenset[str]
    team_ids: frozenset[UUID]

    def covers(self, actor: Actor) -> bool:
        """Say whether an actor made earlier still is what would be made of the agent now.

        A token has fewer permissions than its agent, so of it only a loss can be seen.
        """
        if actor.team_ids != self.team_ids or not actor.permissions <= self.permissions:
            return False
        return actor.token_id is not None or actor.permissions == self.permissions

    def as_actor(self, agent_id: UUID) -> Actor:
        """Return the agent as an actor of no request, to ask what they may see."""
        return Actor(
            agent_id=agent_id, name="", permissions=self.permissions, team_ids=self.team_ids
        )


async def standing_with(session: AsyncSession, permission: str) -> dict[UUID, Standing]:
    """Return the active agents who may do this, with all that they may do."""
    everybody = await session.scalars(select(AgentRow.id).where(AgentRow.active))
    standing = await standing_of(session, everybody.all())
    return {who: one for who, one in standing.items() if permission in one.permissions}


async def standing_of(session: AsyncSession, agent_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """Return what each of the agents may do now; who is not active is left out."""
    rows = await session.execute(
        select(AgentRow.id, RoleRow.permissions, TeamMemberRow.team_id)
        .join(RoleRow, AgentRow.role_id == RoleRow.id)
        .outerjoin(TeamMemberRow, TeamMemberRow.agent_id == AgentRow.id)
        .where(AgentRow.active, AgentRow.id.in_(sorted(agent_ids)))
    )
    granted: dict[UUID, frozenset[str]] = {}
    teams: dict[UUID, set[UUID]] = {}
    for agent_id, permissions, team_id in rows:
        granted[agent_id] = effective(permissions)
        mine = teams.setdefault(agent_id, set())
        if team_id is not None:
            mine.add(team_id)
    return {
        agent_id: Standing(permissions=permissions, team_ids=frozenset(teams[agent_id]))
        for agent_id, permissions in granted.items()
    }


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
    rows: list[Any],
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
