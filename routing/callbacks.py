"""Callbacks: a client leaves and keeps the place, until it is their turn or a wished time."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import ConflictError, InvalidInputError, NotFoundError
from kernel.ids import new_id
from kernel.journal import record
from kernel.limits import CALLBACK_LATEST, CALLBACKS_SHOWN
from routing.events import CallbackAsked, CallbackCancelled
from routing.service import (
    OPEN_STATES,
    WAITING_STATES,
    NewContact,
    end_contact,
    queue_contacts,
    require_open,
    subjects_of,
)
from routing.tables import CallbackRow, ContactRow


class Wish(Struct, frozen=True, kw_only=True):
    """When and where the client wants to be called."""

    due_at: datetime | None = None
    """Empty: when it is their turn."""
    number: str = ""
    note: str = ""


async def ask(
    session: AsyncSession,
    contact: ContactRow,
    wish: Wish,
    *,
    by: UUID | None,
    after_message_id: UUID | None,
    now: datetime,
) -> CallbackRow:
    """Turn a contact into a callback; asked again, the new wish counts. Without `by` the client
    asked for it.

    In its turn: a contact that waits stays where it is. At a wished time: it leaves its queue (one
    that is held is closed) and comes back then, at its old place.
    """
    await session.refresh(contact, with_for_update=True)
    require_open(contact)
    if wish.due_at is not None and not now < wish.due_at <= now + CALLBACK_LATEST:
        raise InvalidInputError(
            f"a callback is wished for a moment ahead, at most {CALLBACK_LATEST.days} days",
            field="due_at",
        )
    if wish.due_at is None and contact.state not in WAITING_STATES:
        raise ConflictError("somebody has this contact: say when the client shall be called")
    row = await _row_of(session, contact, by or contact.client_id, after_message_id, now)
    row.due_at, row.number, row.note = wish.due_at, wish.number, wish.note
    row.contact_id = contact.id if wish.due_at is None else None
    contact.callback = wish.due_at is None
    contact.version += 1
    record(session, CallbackAsked(actor_id=by, due_at=wish.due_at, **subjects_of(contact)))
    if wish.due_at is not None:
        ended = "closed" if contact.state in {"active", "wrap_up"} else "flowed_out"
        await end_contact(session, contact, state=ended, now=now)
    await session.flush()
    return row


async def _row_of(
    session: AsyncSession,
    contact: ContactRow,
    by: UUID,
    after_message_id: UUID | None,
    now: datetime,
) -> CallbackRow:
    known: CallbackRow | None = await session.scalar(
        select(CallbackRow).where(CallbackRow.contact_id == contact.id)
    )
    if known is not None:
        return known
    row = CallbackRow(
        id=new_id(),
        ticket_id=contact.ticket_id,
        client_id=contact.client_id,
        queue_id=contact.queue_id,
        channel=contact.channel,
        account_id=contact.account_id,
        virtual_arrival=contact.virtual_arrival,
        preferred_agent_id=contact.agent_id or contact.preferred_agent_id,
        after_message_id=after_message_id,
        asked_by=by,
        created_at=now,
    )
    session.add(row)
    return row


async def fall_due(session: AsyncSession, row: CallbackRow, now: datetime) -> None:
    """The wished time has come: the client waits again, at the place that was kept."""
    (row.contact_id,) = await queue_contacts(
        session,
        [
            NewContact(
                ticket_id=row.ticket_id,
                client_id=row.client_id,
                queue_id=row.queue_id,
                channel=row.channel,
                account_id=row.account_id,
                preferred_agent_id=row.preferred_agent_id,
                virtual_arrival=row.virtual_arrival,
                callback=True,
            )
        ],
        now,
    )
    record(
        session,
        CallbackAsked(
            due_at=None,
            contact_id=row.contact_id,
            ticket_id=row.ticket_id,
            client_id=row.client_id,
            queue_id=row.queue_id,
        ),
    )


async def cancel(
    session: AsyncSession, row: CallbackRow, *, reason: str, by: UUID | None = None
) -> None:
    """Nobody needs to be called back; a contact that waits for it waits on as any other."""
    if row.contact_id is not None:
        contact = await session.get_one(ContactRow, row.contact_id, with_for_update=True)
        contact.callback = None
        contact.version += 1
    record(
        session,
        CallbackCancelled(
            actor_id=by,
            reason=reason,
            contact_id=row.contact_id,
            ticket_id=row.ticket_id,
            client_id=row.client_id,
            queue_id=row.queue_id,
        ),
    )
    await session.delete(row)


async def find(session: AsyncSession, callback_id: UUID, of: Select[UUID] | None) -> CallbackRow:
    """Return the callback, of the tickets that the asker sees; NotFoundError otherwise."""
    statement = select(CallbackRow).where(CallbackRow.id == callback_id).with_for_update()
    if of is not None:
        statement = statement.where(CallbackRow.ticket_id.in_(of))
    row: CallbackRow | None = await session.scalar(statement)
    if row is None:
        raise NotFoundError
    return row


async def listed(
    session: AsyncSession, *, queue_id: UUID | None = None, of: Select[UUID] | None = None
) -> list[CallbackRow]:
    """Return callbacks that are still to be made, the soonest wished time last, up to a limit."""
    statement = select(CallbackRow).order_by(
        CallbackRow.due_at.is_not(None), CallbackRow.due_at, CallbackRow.virtual_arrival
    )
    if queue_id is not None:
        statement = statement.where(CallbackRow.queue_id == queue_id)
    if of is not None:
        statement = statement.where(CallbackRow.ticket_id.in_(of))
    return list(await session.scalars(statement.limit(CALLBACKS_SHOWN)))


async def of_contacts(
    session: AsyncSession, contact_ids: Collection[UUID]
) -> dict[UUID, CallbackRow]:
    if not contact_ids:
        return {}
    rows = await session.scalars(
        select(CallbackRow).where(CallbackRow.contact_id.in_(sorted(contact_ids)))
    )
    return {row.contact_id: row for row in rows if row.contact_id is not None}


async def of_channel(session: AsyncSession, channel: str) -> list[CallbackRow]:
    """Return every callback of a channel that is still to be made."""
    return list(await session.scalars(select(CallbackRow).where(CallbackRow.channel == channel)))


async def taken(session: AsyncSession, channel: str) -> list[tuple[CallbackRow, ContactRow]]:
    """Return the callbacks of a channel that an agent has taken, and is to make now."""
    rows = await session.execute(
        select(CallbackRow, ContactRow)
        .join(ContactRow, ContactRow.id == CallbackRow.contact_id)
        .where(CallbackRow.channel == channel, ContactRow.state == "active")
        .order_by(CallbackRow.id)
    )
    return [(row, contact) for row, contact in rows]


async def is_over(session: AsyncSession, row: CallbackRow) -> bool:
    """Say whether its contact is no longer open: somebody saw to it."""
    if row.contact_id is None:
        return False
    contact = await session.get(ContactRow, row.contact_id)
    return contact is None or contact.state not in OPEN_STATES


async def everything(session: AsyncSession) -> Sequence[CallbackRow]:
    return list(await session.scalars(select(CallbackRow).order_by(CallbackRow.id)))


async def come_again(session: AsyncSession, row: CallbackRow) -> ContactRow | None:
    """Return a contact with which the client of a planned callback came again and waits."""
    found: ContactRow | None = await session.scalar(
        select(ContactRow)
        .where(
            ContactRow.client_id == row.client_id,
            ContactRow.entered_at > row.created_at,
            ContactRow.state.in_(WAITING_STATES),
        )
        .order_by(ContactRow.id)
        .limit(1)
    )
    return found
