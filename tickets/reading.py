"""What an agent has not read yet: a cursor per agent and ticket, and the notes that name them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import InvalidInputError
from kernel.limits import UNREAD_COUNTED
from kernel.upsert import put_row
from tickets.lifecycle import LIVE
from tickets.tables import MentionRow, MessageRow, TicketReadRow, TicketRow

COUNTS: Final = ("inbound", "note", "whisper")
"""What a colleague sends the client is no news; what clients write and colleagues note is."""
NIL: Final = UUID(int=0)
"""Before every message."""


async def mark_read(
    session: AsyncSession, *, ticket_id: UUID, agent_id: UUID, message_id: UUID, now: datetime
) -> None:
    """Remember how far the agent has read; a cursor only moves forward."""
    place = await place_of(session, ticket_id=ticket_id, message_id=message_id)
    if place is None:
        raise InvalidInputError("this ticket has no such message", field="message_id")
    known = await session.get(TicketReadRow, (agent_id, ticket_id))
    if known is None or known.place < place:
        await _put(session, ticket_id, agent_id, place, now)


async def place_of(session: AsyncSession, *, ticket_id: UUID, message_id: UUID) -> UUID | None:
    """Return where in its ticket's thread a message stands; None when it is not there."""
    found: UUID | None = await session.scalar(
        select(MessageRow.place).where(
            MessageRow.id == message_id, MessageRow.ticket_id == ticket_id
        )
    )
    return found


async def mark_unread(
    session: AsyncSession, *, ticket_id: UUID, agent_id: UUID, now: datetime
) -> None:
    """Make the last word that counts new again; with none there is nothing to make new."""
    newest = await session.scalars(
        select(MessageRow.place)
        .where(MessageRow.ticket_id == ticket_id, _counts_for(agent_id))
        .order_by(MessageRow.place.desc())
        .limit(2)
    )
    last, *before = [*newest, NIL]
    if last != NIL:
        await _put(session, ticket_id, agent_id, before[0], now)


async def unread_counts(
    session: AsyncSession, ticket_ids: Sequence[UUID], agent_id: UUID
) -> dict[UUID, int]:
    """Return, by ticket, how many messages are new to the agent; what is done is never new."""
    if not ticket_ids:
        return {}
    rows = await session.execute(
        select(MessageRow.ticket_id, func.count())
        .join(TicketRow, TicketRow.id == MessageRow.ticket_id)
        .outerjoin(
            TicketReadRow,
            and_(
                TicketReadRow.ticket_id == MessageRow.ticket_id, TicketReadRow.agent_id == agent_id
            ),
        )
        .where(
            MessageRow.ticket_id.in_(ticket_ids),
            TicketRow.status.in_(LIVE),
            _counts_for(agent_id),
            or_(TicketReadRow.place.is_(None), MessageRow.place > TicketReadRow.place),
        )
        .group_by(MessageRow.ticket_id)
    )
    return {ticket_id: min(count, UNREAD_COUNTED) for ticket_id, count in rows}


async def mentions_of(
    session: AsyncSession, ticket_ids: Sequence[UUID], agent_id: UUID
) -> set[UUID]:
    """Return those of the tickets on which a note that the agent has not read names them."""
    if not ticket_ids:
        return set()
    return set(
        await session.scalars(
            select(TicketRow.id).where(TicketRow.id.in_(ticket_ids), newly_mentioned(agent_id))
        )
    )


def mentioned(agent_id: UUID) -> ColumnElement[bool]:
    """Tickets with a note that names the agent."""
    return exists().where(MentionRow.agent_id == agent_id, MentionRow.ticket_id == TicketRow.id)


def newly_mentioned(agent_id: UUID) -> ColumnElement[bool]:
    """Tickets with such a note that the agent has not read."""
    return exists().where(
        MentionRow.agent_id == agent_id,
        MentionRow.ticket_id == TicketRow.id,
        MentionRow.place > _read_to(agent_id),
    )


def unread_by(agent_id: UUID) -> ColumnElement[bool]:
    """Live tickets with something new to the agent."""
    return and_(
        TicketRow.status.in_(LIVE),
        exists().where(
            MessageRow.ticket_id == TicketRow.id,
            _counts_for(agent_id),
            MessageRow.place > _read_to(agent_id),
        ),
    )


def _read_to(agent_id: UUID) -> ColumnElement[UUID]:
    found = (
        select(TicketReadRow.place)
        .where(TicketReadRow.agent_id == agent_id, TicketReadRow.ticket_id == TicketRow.id)
        .correlate(TicketRow)
        .scalar_subquery()
    )
    return func.coalesce(found, NIL)


def _counts_for(agent_id: UUID) -> ColumnElement[bool]:
    return and_(
        MessageRow.kind.in_(COUNTS),
        or_(MessageRow.author_agent_id.is_(None), MessageRow.author_agent_id != agent_id),
    )


async def note_mentions(session: AsyncSession, note: MessageRow, agent_ids: Sequence[UUID]) -> None:
    session.add_all(
        MentionRow(
            message_id=note.id, agent_id=agent_id, ticket_id=note.ticket_id, place=note.place
        )
        for agent_id in dict.fromkeys(agent_ids)
    )


async def _put(
    session: AsyncSession, ticket_id: UUID, agent_id: UUID, place: UUID, now: datetime
) -> None:
    await put_row(
        session,
        TicketReadRow,
        {
            "agent_id": agent_id,
            "ticket_id": ticket_id,
            "place": place,
            "read_at": now,
        },
        key=("agent_id", "ticket_id"),
    )
