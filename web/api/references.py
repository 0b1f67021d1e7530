"""Ids inside bodies name something that is there, or the call is refused with the field."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels.catalogue import CHANNELS
from kernel.errors import InvalidInputError, NotFoundError
from knowledge_base import queries as articles
from staff import queries as staff


async def check_agents(session: AsyncSession, ids: Collection[UUID], *, field: str) -> None:
    """Refuse whoever does not work here, or not any more."""
    found = await staff.agents_by_ids(session, set(ids))
    if any(one not in found or not found[one].active for one in ids):
        raise InvalidInputError("there is no such agent", field=field)


async def check_team(session: AsyncSession, team_id: UUID, *, field: str) -> None:
    try:
        await staff.find_team(session, team_id)
    except NotFoundError as error:
        raise InvalidInputError("there is no such team", field=field) from error


async def check_articles(session: AsyncSession, ids: Collection[UUID], *, field: str) -> None:
    """Refuse an article that is not there for everybody who works here."""
    found = {one.id for one in await articles.briefs(session, list(ids))}
    if not found.issuperset(ids):
        raise InvalidInputError("there is no such article", field=field)


def check_channels(channels: Collection[str], *, field: str) -> None:
    for channel in channels:
        if channel not in CHANNELS:
            raise InvalidInputError(
                f"there is no channel “{channel}”; there are {', '.join(sorted(CHANNELS))}",
                field=field,
            )
