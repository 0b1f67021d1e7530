"""What is asked of contacts: who waits, who works on what, and the figures of the floor."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.cursors import read_cursor
from kernel.journal import record
from routing.events import OfferEnded
from routing.service import OPEN_STATES, WAITING_STATES, subjects_of
from routing.tables import ContactRow, OfferRow, QueueRow


class OpenContact(NamedTuple):
    """An open contact as the engine needs it; there may be very many."""

    id: UUID
    queue_id: UUID
    channel: str
    state: str
    virtual_arrival: datetime
    agent_id: UUID | None
    preferred_agent_id: UUID | None
    client_id: UUID
    skills: dict[str, int] | None
    entered_queue_at: datetime | None
    hops: int | None
    pinned: bool | None
    callback: bool | None
    wrap_up_until: datetime | None
    answered_at: datetime | None


class QueueFigures(Struct, frozen=True, kw_only=True):
    """One queue as it is now."""

    queue_id: UUID
    waiting: int
    oldest: datetime | None
    offered_now: int
    active_now: int


def _by_queue(queue_id: UUID | None = None) -> ColumnElement[bool]:
    """Name the queue, or every queue: contacts lie in the index by queue first, and without it
    the few that are open would be looked for among all there ever were."""
    if queue_id is not None:
        return ContactRow.queue_id == queue_id
    return ContactRow.queue_id.in_(select(QueueRow.id))


async def open_contacts(session: AsyncSession) -> list[OpenContact]:
    """Return every open contact in the order of arrival."""
    rows = await session.execute(
        select(
            ContactRow.id,
            ContactRow.queue_id,
            ContactRow.channel,
            ContactRow.state,
            ContactRow.virtual_arrival,
            ContactRow.agent_id,
            ContactRow.preferred_agent_id,
            ContactRow.client_id,
            ContactRow.skills,
            ContactRow.entered_queue_at,
            ContactRow.hops,
            ContactRow.pinned,
            ContactRow.callback,
            ContactRow.wrap_up_until,
            ContactRow.answered_at,
        )
        .where(_by_queue(), ContactRow.state.in_(OPEN_STATES))
        .order_by(ContactRow.virtual_arrival, ContactRow.id)
    )
    return [OpenContact._make(row) for row in rows]


async def declined_since(
    session: AsyncSession, since: datetime
) -> dict[UUID, list[tuple[UUID, datetime]]]:
    """Return by open contact who declined it after `since`, and when."""
    rows = await session.execute(
        select(OfferRow.contact_id, OfferRow.agent_id, OfferRow.ended_at)
        .where(OfferRow.state == "declined", OfferRow.ended_at > since)
        .order_by(OfferRow.ended_at, OfferRow.id)
    )
    found: dict[UUID, list[tuple[UUID, datetime]]] = {}
    for contact_id, agent_id, at in rows:
        found.setdefault(contact_id, []).append((agent_id, at or since))
    return found


async def ahead_of(session: AsyncSession, contact: ContactRow) -> int:
    """Count those who wait in the same queue on the same channel and came before."""
    found: int | None = await session.scalar(
        select(func.count())
        .select_from(ContactRow)
        .where(
            ContactRow.queue_id == contact.queue_id,
            ContactRow.state.in_(WAITING_STATES),
            ContactRow.channel == contact.channel,
            ContactRow.virtual_arrival < contact.virtual_arrival,
        )
    )
    return found or 0


async def offered_contact(session: AsyncSession, offer_id: UUID) -> UUID | None:
    """Return which contact an offer is about."""
    found: UUID | None = await session.scalar(
        select(OfferRow.contact_id).where(OfferRow.id == offer_id)
    )
    return found


async def withdraw_ringing(session: AsyncSession, now: datetime) -> None:
    """After a restart nothing rings: put what was offered back to its place, and tell of it."""
    rang = await session.execute(
        select(OfferRow.id, OfferRow.agent_id, ContactRow)
        .join(ContactRow, ContactRow.id == OfferRow.contact_id)
        .where(OfferRow.state == "ringing")
        .order_by(OfferRow.id)
    )
    for offer_id, agent_id, contact in rang:
        record(
            session,
            OfferEnded(
                offer_id=offer_id,
                agent_id=agent_id,
                state="withdrawn",
                reason="restart",
                only_agent_id=agent_id,
                **subjects_of(contact),
            ),
        )
    await session.execute(
        update(OfferRow)
        .where(OfferRow.state == "ringing")
        .values(state="withdrawn", ended_at=now)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(ContactRow)
        .where(ContactRow.state == "offered")
        .values(state="queued", version=ContactRow.version + 1)
        .execution_options(synchronize_session=False)
    )


async def list_contacts(
    session: AsyncSession,
    *,
    states: Sequence[str] = OPEN_STATES,
    queue_id: UUID | None = None,
    agent_id: UUID | None = None,
    of_tickets: Select[UUID] | None = None,
    after: str | None = None,
    limit: int,
) -> list[ContactRow]:
    """Return a page of contacts by their place in the queue, longest waiting first.

    `of_tickets` narrows it to those of certain tickets; a page (and so its cursor) holds no other.
    """
    statement = select(ContactRow).where(ContactRow.state.in_(states))
    if queue_id is not None or agent_id is None:
        statement = statement.where(_by_queue(queue_id))
    if agent_id is not None:
        statement = statement.where(ContactRow.agent_id == agent_id)
    if of_tickets is not None:
        statement = statement.where(ContactRow.ticket_id.in_(of_tickets))
    if after is not None:
        moment, last_id = read_cursor(after)
        statement = statement.where(
            or_(
                ContactRow.virtual_arrival > moment,
                and_(ContactRow.virtual_arrival == moment, ContactRow.id > last_id),
            )
        )
    return list(
        await session.scalars(
            statement.order_by(ContactRow.virtual_arrival, ContactRow.id).limit(limit)
        )
    )


async def ringing_for(session: AsyncSession, agent_id: UUID) -> list[OfferRow]:
    return list(
        await session.scalars(
            select(OfferRow)
            .where(OfferRow.agent_id == agent_id, OfferRow.state == "ringing")
            .order_by(OfferRow.made_at)
        )
    )


async def by_ids(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, ContactRow]:
    if not ids:
        return {}
    rows = await session.scalars(select(ContactRow).where(ContactRow.id.in_(ids)))
    return {row.id: row for row in rows}


async def queue_figures(session: AsyncSession) -> dict[UUID, QueueFigures]:
    """Return what is open in every queue now."""
    live = await session.execute(
        select(
            ContactRow.queue_id,
            func.count(case((ContactRow.state.in_(WAITING_STATES), 1))).label("waiting"),
            func.min(
                case((ContactRow.state.in_(WAITING_STATES), ContactRow.virtual_arrival))
            ).label("oldest"),
            func.count(case((ContactRow.state == "offered", 1))).label("offered_now"),
            func.count(case((ContactRow.state.in_(("active", "wrap_up")), 1))).label("active_now"),
        )
        .where(_by_queue(), ContactRow.state.in_(OPEN_STATES))
        .group_by(ContactRow.queue_id)
    )
    now_by_queue = {row.queue_id: row for row in live}
    return {
        queue_id: QueueFigures(
            queue_id=queue_id,
            waiting=now.waiting if now else 0,
            oldest=now.oldest if now else None,
            offered_now=now.offered_now if now else 0,
            active_now=now.active_now if now else 0,
        )
        for queue_id in await session.scalars(select(QueueRow.id))
        for now in [now_by_queue.get(queue_id)]
    }


class Waiting(NamedTuple):
    """How many wait in a queue, and since when the first of them."""

    contacts: int
    oldest: datetime


async def waiting_now(session: AsyncSession, queue_ids: Sequence[UUID]) -> dict[UUID, Waiting]:
    """Return who waits in these queues; those where nobody does are left out."""
    rows = await session.execute(
        select(ContactRow.queue_id, func.count(), func.min(ContactRow.virtual_arrival))
        .where(ContactRow.queue_id.in_(queue_ids), ContactRow.state.in_(WAITING_STATES))
        .group_by(ContactRow.queue_id)
    )
    return {queue_id: Waiting(contacts, oldest) for queue_id, contacts, oldest in rows}
