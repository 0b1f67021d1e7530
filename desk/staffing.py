"""New colleagues: added to the staff and seated in the default queue, so that work reaches them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.actor import Actor
from routing import service as routing
from staff import service as staff
from staff.queries import AgentCard
from staff.service import NewAgent


async def first_agent(
    session: AsyncSession, *, name: str, email: str, password_hash: str, locale: str, now: datetime
) -> AgentCard:
    """Make the first account, an administrator who also takes contacts."""
    card = await staff.first_agent(
        session, name=name, email=email, password_hash=password_hash, locale=locale, now=now
    )
    await _seat(session, card.id)
    return card


async def hire(session: AsyncSession, actor: Actor, who: NewAgent, now: datetime) -> AgentCard:
    card = await staff.create_agent(session, actor, who, now)
    await _seat(session, card.id)
    return card


async def hire_by_operator(session: AsyncSession, who: NewAgent, now: datetime) -> AgentCard:
    """Add somebody from the command line."""
    card = await staff.add_agent(session, who, now)
    await _seat(session, card.id)
    return card


async def _seat(session: AsyncSession, agent_id: UUID) -> None:
    queue = await routing.default_queue(session)
    if queue is not None:
        await routing.join_queue(session, queue.id, agent_id)
