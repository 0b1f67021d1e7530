"""Teams: who works together, and so sees the same tickets."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.actor import Actor
from kernel.errors import InvalidInputError, NotFoundError
from kernel.ids import new_id
from kernel.journal import record
from kernel.setting_changes import note
from staff.events import StaffChanged
from staff.names import clean_name
from staff.permissions import STAFF_MANAGE
from staff.queries import TeamCard, find_team
from staff.tables import AgentRow, TeamMemberRow, TeamRow


async def create_team(
    session: AsyncSession, actor: Actor, *, name: str, member_ids: Iterable[UUID], now: datetime
) -> TeamCard:
    actor.require(STAFF_MANAGE)
    await _refuse_taken(session, clean_name(name))
    row = TeamRow(id=new_id(), name=clean_name(name), created_at=now)
    session.add(row)
    await session.flush()
    await _put_members(session, row.id, member_ids)
    _note(session, actor, row.id)
    return await find_team(session, row.id)


async def change_team(
    session: AsyncSession,
    actor: Actor,
    team_id: UUID,
    *,
    name: str | None = None,
    member_ids: Iterable[UUID] | None = None,
) -> TeamCard:
    """Rename a team or replace its members; what they see changes with the commit."""
    actor.require(STAFF_MANAGE)
    row = await session.get(TeamRow, team_id, with_for_update=True)
    if row is None:
        raise NotFoundError("no such team")
    if name is not None and clean_name(name) != row.name:
        await _refuse_taken(session, clean_name(name))
        row.name = clean_name(name)
        await session.flush()
    if member_ids is not None:
        await _put_members(session, team_id, member_ids)
    _note(session, actor, team_id)
    return await find_team(session, team_id)


async def remove_team(session: AsyncSession, actor: Actor, team_id: UUID) -> None:
    """Remove a team and its memberships; that it owns nothing is the desk's to make sure."""
    actor.require(STAFF_MANAGE)
    await session.execute(delete(TeamMemberRow).where(TeamMemberRow.team_id == team_id))
    gone = await session.get(TeamRow, team_id)
    if gone is None:
        raise NotFoundError("no such team")
    await session.delete(gone)
    await session.flush()
    _note(session, actor, team_id)


async def put_teams_of(session: AsyncSession, agent_id: UUID, team_ids: Iterable[UUID]) -> None:
    """Make the agent a member of exactly these teams."""
    asked = sorted(set(team_ids))
    there = set(await session.scalars(select(TeamRow.id).where(TeamRow.id.in_(asked))))
    if len(there) < len(asked):
        raise InvalidInputError("one of these teams does not exist", field="team_ids")
    before = await session.scalars(
        select(TeamMemberRow.team_id).where(TeamMemberRow.agent_id == agent_id)
    )
    note(session, "agent", agent_id, "", {"team_ids": (sorted(before), asked)})
    await session.execute(delete(TeamMemberRow).where(TeamMemberRow.agent_id == agent_id))
    if asked:
        rows = [{"team_id": team_id, "agent_id": agent_id} for team_id in asked]
        await session.execute(insert(TeamMemberRow), rows)


async def _put_members(session: AsyncSession, team_id: UUID, member_ids: Iterable[UUID]) -> None:
    asked = sorted(set(member_ids))
    there = set(await session.scalars(select(AgentRow.id).where(AgentRow.id.in_(asked))))
    if len(there) < len(asked):
        raise InvalidInputError("one of these agents does not exist", field="member_ids")
    before = await session.scalars(
        select(TeamMemberRow.agent_id).where(TeamMemberRow.team_id == team_id)
    )
    team = await session.get(TeamRow, team_id)
    note(
        session, "team", team_id, team.name if team else "", {"member_ids": (sorted(before), asked)}
    )
    await session.execute(delete(TeamMemberRow).where(TeamMemberRow.team_id == team_id))
    if asked:
        rows = [{"team_id": team_id, "agent_id": agent_id} for agent_id in asked]
        await session.execute(insert(TeamMemberRow), rows)


async def _refuse_taken(session: AsyncSession, name: str) -> None:
    if await session.scalar(select(TeamRow.id).where(TeamRow.name == name)) is not None:
        raise InvalidInputError(f"there is a team “{name}” already", field="name")


def _note(session: AsyncSession, actor: Actor, team_id: UUID) -> None:
    record(session, StaffChanged(actor_id=actor.agent_id, what="team", subject_id=team_id))
