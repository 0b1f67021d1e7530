"""An agent's own notifications: only of what they may see now, newest first, read or not."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Uuid, and_, delete, func, literal, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from desk.events import NotificationsRead
from desk.notifications.meaning import NEEDS
from desk.tables import NotificationRow
from kernel.actor import Actor
from kernel.journal import record
from kernel.limits import UNREAD_COUNTED
from kernel.tables import Instant
from tickets.access import visible
from tickets.tables import TicketRow


class Listed(Struct, frozen=True, kw_only=True):
    """A notification with the ticket it leads to, as that is now."""

    row: NotificationRow
    number: int | None
    subject: str | None


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Theirs, in the list, and about nothing that they may not see any more."""
    denied = [event for event, needed in NEEDS.items() if not actor.may(needed)]
    ticket = (
        select(TicketRow.id)
        .where(TicketRow.id == NotificationRow.ticket_id, visible(actor))
        .correlate(NotificationRow)
    )
    return and_(
        NotificationRow.agent_id == actor.agent_id,
        or_(NotificationRow.ticket_id.is_(None), ticket.exists()),
        NotificationRow.event.not_in(denied),
    )


async def list_notifications(
    session: AsyncSession,
    actor: Actor,
    *,
    unread: bool,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Listed]:
    """Return up to `limit` notifications older than `after`."""
    statement = (
        select(NotificationRow, TicketRow.number, TicketRow.subject)
        .outerjoin(TicketRow, TicketRow.id == NotificationRow.ticket_id)
        .where(seen_by(actor), NotificationRow.listed)
        .order_by(NotificationRow.at.desc(), NotificationRow.id.desc())
        .limit(limit)
    )
    if unread:
        statement = statement.where(NotificationRow.read_at.is_(None))
    if after is not None:
        statement = statement.where(
            tuple_(NotificationRow.at, NotificationRow.id)
            < tuple_(literal(after[0], Instant), literal(after[1], Uuid))
        )
    rows = await session.execute(statement)
    return [Listed(row=row, number=number, subject=subject) for row, number, subject in rows]


async def count_unread(session: AsyncSession, actor: Actor) -> int:
    """Return how many are new, counted up to one above `UNREAD_COUNTED`."""
    few = (
        select(NotificationRow.id)
        .where(seen_by(actor), NotificationRow.listed, NotificationRow.read_at.is_(None))
        .limit(UNREAD_COUNTED + 1)
        .subquery()
    )
    return await session.scalar(select(func.count()).select_from(few)) or 0


async def read_some(
    session: AsyncSession, actor: Actor, ids: Collection[UUID], now: datetime
) -> int:
    """Mark these of the actor's notifications as read; return how many were new."""
    return await _read(session, actor.agent_id, NotificationRow.id.in_(sorted(ids)), now)


async def read_until(session: AsyncSession, actor: Actor, moment: datetime, now: datetime) -> int:
    """Mark everything up to this moment as read: what came since stays new."""
    return await _read(session, actor.agent_id, NotificationRow.at <= moment, now)


async def read_ticket(session: AsyncSession, agent_id: UUID, ticket_id: UUID, now: datetime) -> int:
    """Whoever looked at the ticket knows what its notifications say."""
    return await _read(session, agent_id, NotificationRow.ticket_id == ticket_id, now)


async def forget_old(session: AsyncSession, *, before: datetime) -> None:
    """Forget what happened so long ago, read or not."""
    await session.execute(delete(NotificationRow).where(NotificationRow.at < before))


async def _read(
    session: AsyncSession, agent_id: UUID, which: ColumnElement[bool], now: datetime
) -> int:
    done: Sequence[UUID] = (
        await session.scalars(
            update(NotificationRow)
            .where(NotificationRow.agent_id == agent_id, NotificationRow.read_at.is_(None), which)
            .values(read_at=now)
            .returning(NotificationRow.id)
            .execution_options(synchronize_session=False)
        )
    ).all()
    if done:
        record(session, NotificationsRead(only_agent_id=agent_id, actor_id=agent_id))
    return len(done)
