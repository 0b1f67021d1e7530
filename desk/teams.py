"""Where teams meet what they own: a team goes only when it owns nothing."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.actor import Actor
from kernel.errors import ConflictError
from routing import service as routing
from staff import teams
from tickets import queries as ticket_queries


async def remove_team(session: AsyncSession, actor: Actor, team_id: UUID) -> None:
    """Remove a team that no queue feeds and no ticket belongs to; else ConflictError.

    A ticket left with a team that is gone would be seen by nobody who works on it.
    """
    for queue in await routing.list_queues(session):
        if queue.team_id == team_id:
            raise ConflictError(f"the queue “{queue.name}” opens tickets for this team")
    if await ticket_queries.belongs_to_team(session, team_id):
        raise ConflictError("tickets or canned answers belong to this team; it has to stay")
    await teams.remove_team(session, actor, team_id)
