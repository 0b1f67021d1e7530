"""Reads staff: agents, teams and roles as the screens show them."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import NotFoundError
from staff.tables import AgentRow, RoleRow, TeamMemberRow, TeamRow


class AgentCard(Struct, frozen=True, kw_only=True):
    """An agent without their password, readable by every colleague."""

    id: UUID
    name: str
    email: str
    role_id: UUID
    role: str
    active: bool
    locale: str
    signature: str
    capacity: dict[str, int]
    phone: str
    team_ids: list[UUID]
    version: int


class TeamCard(Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    member_ids: list[UUID]


class RoleCard(Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    permissions: list[str]
    builtin: bool


async def list_agents(session: AsyncSession) -> list[AgentCard]:
    """Return everyone, the active first, each group by name."""
    return await _agents(session)


async def agents_by_ids(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, AgentCard]:
    """Return those of the agents that exist."""
    if not ids:
        return {}
    return {card.id: card for card in await _agents(session, AgentRow.id.in_(sorted(ids)))}


async def find_agent(session: AsyncSession, agent_id: UUID) -> AgentCard:
    found = await _agents(session, AgentRow.id == agent_id)
    if not found:
        raise NotFoundError("no such agent")
    return found[0]


async def agent_names(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """Return names by id, for lists that name many people."""
    if not ids:
        return {}
    rows = await session.execute(
        select(AgentRow.id, AgentRow.name).where(AgentRow.id.in_(sorted(set(ids))))
    )
    return {row.id: row.name for row in rows}


async def list_teams(session: AsyncSession) -> list[TeamCard]:
    members: dict[UUID, list[UUID]] = defaultdict(list)
    pairs = select(TeamMemberRow.team_id, TeamMemberRow.agent_id).order_by(TeamMemberRow.agent_id)
    for row in await session.execute(pairs):
        members[row.team_id].append(row.agent_id)
    teams = await session.execute(select(TeamRow.id, TeamRow.name).order_by(TeamRow.name))
    return [TeamCard(id=row.id, name=row.name, member_ids=members[row.id]) for row in teams]


async def find_team(session: AsyncSession, team_id: UUID) -> TeamCard:
    for team in await list_teams(session):
        if team.id == team_id:
            return team
    raise NotFoundError("no such team")


async def list_roles(session: AsyncSession) -> list[RoleCard]:
    """Return every role, the ready-made first."""
    rows = await session.scalars(select(RoleRow).order_by(RoleRow.builtin.desc(), RoleRow.name))
    return [role_card(row) for row in rows]


def role_card(row: RoleRow) -> RoleCard:
    return RoleCard(id=row.id, name=row.name, permissions=row.permissions, builtin=row.builtin)


async def _agents(session: AsyncSession, *where: ColumnElement[bool]) -> list[AgentCard]:
    rows = (
        await session.execute(
            select(AgentRow, RoleRow.name)
            .join(RoleRow, AgentRow.role_id == RoleRow.id)
            .where(*where)
            .order_by(AgentRow.active.desc(), AgentRow.name, AgentRow.id)
        )
    ).all()
    teams: dict[UUID, list[UUID]] = defaultdict(list)
    pairs = select(TeamMemberRow.agent_id, TeamMemberRow.team_id).join(
        AgentRow, TeamMemberRow.agent_id == AgentRow.id
    )
    for pair in await session.execute(pairs.where(*where).order_by(TeamMemberRow.team_id)):
        teams[pair.agent_id].append(pair.team_id)
    return [_agent_card(agent, role, teams[agent.id]) for agent, role in rows]


def _agent_card(row: AgentRow, role: str, team_ids: list[UUID]) -> AgentCard:
    return AgentCard(
        id=row.id,
        name=row.name,
        email=row.email,
        role_id=row.role_id,
        role=role,
        active=row.active,
        locale=row.locale,
        signature=row.signature,
        capacity=row.capacity,
        phone=row.phone,
        team_ids=team_ids,
        version=row.version,
    )
