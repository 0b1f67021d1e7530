"""Tickets put aside: until a moment, until the client writes, or until whichever comes first."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import InvalidInputError
from kernel.journal import record
from kernel.limits import SNOOZE_LONGEST
from kernel.upsert import put_row
from tickets.events import TicketSnoozed, TicketWoken
from tickets.service import subjects_of
from tickets.tables import MessageRow, SnoozeRow, TicketRow

TIME, REPLY, AGENT, DONE = "time", "reply", "agent", "done"


class Wake(Struct, frozen=True, kw_only=True):
    """What wakes a ticket: a moment, a word of the client, or whichever comes first."""

    until: datetime | None = None
    on_reply: bool = True


async def snooze(
    session: AsyncSession, ticket: TicketRow, wake: Wake, *, agent_id: UUID, now: datetime
) -> None:
    """Put the ticket aside; doing it again replaces the rule. Raises InvalidInputError."""
    check(wake, now)
    heard = await session.scalar(
        select(MessageRow.id)
        .where(MessageRow.ticket_id == ticket.id, *_said())
        .order_by(MessageRow.place.desc())
        .limit(1)
    )
    await put_row(
        session,
        SnoozeRow,
        {
            "ticket_id": ticket.id,
            "agent_id": agent_id,
            "since": now,
            "until": wake.until,
            "on_reply": wake.on_reply,
            "after_message_id": heard,
        },
        key=("ticket_id",),
    )
    ticket.version += 1
    record(
        session,
        TicketSnoozed(
            until=wake.until, on_reply=wake.on_reply, actor_id=agent_id, **subjects_of(ticket)
        ),
    )


async def wake(
    session: AsyncSession, ticket: TicketRow, *, reason: str, actor_id: UUID | None = None
) -> bool:
    """Take the ticket back into its lists; False when it was not put aside."""
    gone = await session.scalar(
        delete(SnoozeRow)
        .where(SnoozeRow.ticket_id == ticket.id)
        .returning(SnoozeRow.ticket_id)
        .execution_options(synchronize_session=False)
    )
    if gone is None:
        return False
    ticket.version += 1
    record(session, TicketWoken(reason=reason, actor_id=actor_id, **subjects_of(ticket)))
    return True


async def due(session: AsyncSession, now: datetime, *, limit: int) -> list[tuple[UUID, str]]:
    """Return the tickets whose rule is fulfilled, with the reason; a word comes before the time."""
    answered = and_(SnoozeRow.on_reply.is_(True), _answered())
    rows = await session.execute(
        select(SnoozeRow.ticket_id, answered.label("answered"))
        .where(or_(answered, SnoozeRow.until <= now))
        .order_by(SnoozeRow.ticket_id)
        .limit(limit)
    )
    return [(row.ticket_id, REPLY if row.answered else TIME) for row in rows]


async def next_moment(session: AsyncSession) -> datetime | None:
    """Return when time wakes the next ticket."""
    found: datetime | None = await session.scalar(select(func.min(SnoozeRow.until)))
    return found


async def asleep(session: AsyncSession) -> set[UUID]:
    """Return every ticket that is put aside."""
    return set(await session.scalars(select(SnoozeRow.ticket_id)))


async def snoozes_of(session: AsyncSession, ticket_ids: Sequence[UUID]) -> dict[UUID, SnoozeRow]:
    if not ticket_ids:
        return {}
    rows = await session.scalars(select(SnoozeRow).where(SnoozeRow.ticket_id.in_(ticket_ids)))
    return {row.ticket_id: row for row in rows}


def check(wake: Wake, now: datetime) -> None:
    """Refuse a rule that nothing fulfils, or only a moment that is past or far away."""
    if wake.until is None:
        if not wake.on_reply:
            raise InvalidInputError("say what shall wake this ticket", field="until")
    elif not now < wake.until <= now + SNOOZE_LONGEST:
        raise InvalidInputError(
            f"a ticket sleeps until a moment ahead, at most {SNOOZE_LONGEST.days} days",
            field="until",
        )


def _answered() -> ColumnElement[bool]:
    """The client wrote after the ticket was put aside; ids of what comes in grow with time."""
    return exists().where(
        MessageRow.ticket_id == SnoozeRow.ticket_id,
        *_said(),
        or_(SnoozeRow.after_message_id.is_(None), MessageRow.id > SnoozeRow.after_message_id),
    )


def _said() -> tuple[ColumnElement[bool], ...]:
    """A person's words to us: an absence note wakes nobody."""
    return MessageRow.kind == "inbound", MessageRow.automatic.is_(None)
