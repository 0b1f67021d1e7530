"""The verbs of a contact in the database; each state change is a compare-and-set."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Table, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import ConflictError, InvalidInputError, NotFoundError
from kernel.ids import new_id
from kernel.journal import record
from kernel.prepared import Lookup, Prepared
from kernel.setting_changes import note
from kernel.upsert import insert_new
from routing import events
from routing.settings import queue_settings
from routing.tables import ContactRow, DispositionRow, OfferRow, QueueMemberRow, QueueRow

OPEN_STATES = ("queued", "offered", "active", "wrap_up")
TALKING_STATES = ("queued", "offered", "active")
"""The conversation goes on: what the client writes now belongs to it."""
WAITING_STATES = ("queued", "offered")
OVER: Final = {
    "closed": "closed",
    "abandoned": "left by the client",
    "flowed_out": "ended without an answer",
}
OVERFLOWING = frozenset(
    {"waited_too_long", "queue_too_long", "nobody_there", "queue_closed", "offered_too_often"}
)
# The plain table: the ORM would look at every value of every row before it is inserted.
_CONTACT: Final = cast("Table", ContactRow.__table__)
_OFFER: Final = cast("Table", OfferRow.__table__)
_INSERT_CONTACT: Final = Prepared(insert(_CONTACT))
_WITH_CONTACT: Final = Lookup(
    select(ContactRow.ticket_id).where(
        ContactRow.ticket_id.in_(bindparam("ids", expanding=True)),
        ContactRow.state.in_(TALKING_STATES),
    )
)
_TICKETS_OF: Final = Lookup(
    select(ContactRow.ticket_id)
    .where(ContactRow.id.in_(bindparam("ids", expanding=True)))
    .distinct()
)


class NewContact(Struct, frozen=True, kw_only=True):
    ticket_id: UUID
    client_id: UUID
    queue_id: UUID
    channel: str
    account_id: UUID | None
    preferred_agent_id: UUID | None = None
    team_id: UUID | None = None
    assignee_id: UUID | None = None
    virtual_arrival: datetime | None = None
    """The place it has; empty: behind everybody."""
    callback: bool = False


def subjects_of(contact: Any) -> dict[str, UUID]:
    return {
        "contact_id": contact.id,
        "ticket_id": contact.ticket_id,
        "client_id": contact.client_id,
        "queue_id": contact.queue_id,
    }


async def tickets_with_contact(session: AsyncSession, ticket_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the tickets whose open contact takes up a new message; one that is being
    wrapped up does not, so that whoever writes again is heard."""
    return {row[0] for row in await _WITH_CONTACT.rows(session, ids=list(ticket_ids))}


async def queue_contacts(
    session: AsyncSession, fresh: Sequence[NewContact], now: datetime
) -> list[UUID]:
    """Put new contacts at the end of their queues."""
    if not fresh:
        return []
    rows = [_values(contact, now) for contact in fresh]
    await _INSERT_CONTACT.run(session, rows)
    for contact, row in zip(fresh, rows, strict=True):
        record(
            session,
            events.ContactQueued(
                contact_id=row["id"],
                ticket_id=contact.ticket_id,
                client_id=contact.client_id,
                queue_id=contact.queue_id,
                team_id=contact.team_id,
                assignee_id=contact.assignee_id,
                channel=contact.channel,
                virtual_arrival=contact.virtual_arrival or now,
                preferred_agent_id=contact.preferred_agent_id,
                callback=contact.callback,
            ),
        )
    return [row["id"] for row in rows]


async def find_contact(session: AsyncSession, contact_id: UUID) -> ContactRow:
    contact = await session.get(ContactRow, contact_id)
    if contact is None:
        raise NotFoundError
    return contact


async def tickets_of(session: AsyncSession, contact_ids: Sequence[UUID]) -> list[UUID]:
    """Return the tickets that the contacts belong to."""
    return [row[0] for row in await _TICKETS_OF.rows(session, ids=list(contact_ids))]


def require_open(contact: ContactRow) -> None:
    """Raise ConflictError, in words, when nothing can be done with the contact any more."""
    if contact.state not in OPEN_STATES:
        raise ConflictError(f"this contact is over: it was {OVER.get(contact.state, 'ended')}")


async def first_place(session: AsyncSession, queue_id: UUID) -> datetime | None:
    """Return the place of whoever waits first in the queue."""
    found: datetime | None = await session.scalar(
        select(func.min(ContactRow.virtual_arrival)).where(
            ContactRow.queue_id == queue_id, ContactRow.state.in_(WAITING_STATES)
        )
    )
    return found


async def open_contact_of(session: AsyncSession, ticket_id: UUID) -> ContactRow | None:
    """Return the open contact of a ticket, the newest, rather one that goes on than one that is
    being wrapped up.
    """
    found: ContactRow | None = await session.scalar(
        select(ContactRow)
        .where(ContactRow.ticket_id == ticket_id, ContactRow.state.in_(OPEN_STATES))
        .order_by(ContactRow.state == "wrap_up", ContactRow.id.desc())
        .limit(1)
    )
    return found


class NewOffer(Struct, frozen=True, kw_only=True):
    """A decision of the engine, to be stored before anybody hears of it."""

    offer_id: UUID
    contact_id: UUID
    agent_id: UUID
    expires_at: datetime
    decision: dict[str, Any]
    sentences: list[dict[str, Any]]


class Accepted(Struct, frozen=True, kw_only=True):
    """An agent took the contact that rang."""

    offer_id: UUID
    contact_id: UUID
    agent_id: UUID


_CLAIM: Final = Prepared(
    update(_CONTACT)
    .where(_CONTACT.c.id == bindparam("of"))
    .values(
        state="offered",
        offered_at=bindparam("at"),
        why=bindparam("told"),
        version=_CONTACT.c.version + 1,
    )
)
_INSERT_OFFER: Final = Prepared(insert(_OFFER))
_ACCEPT: Final = Prepared(
    update(_OFFER)
    .where(_OFFER.c.id == bindparam("of"))
    .values(state="accepted", ended_at=bindparam("at"))
)
_TAKE: Final = Prepared(
    update(_CONTACT)
    .where(_CONTACT.c.id == bindparam("of"))
    .values(
        state="active",
        agent_id=bindparam("by"),
        pinned=False,
        answered_at=bindparam("answered"),
        waited_seconds=bindparam("waited"),
        version=_CONTACT.c.version + 1,
    )
)


def _contacts_in(*states: str) -> Lookup:
    """Find contacts in these states, locked: a list of states cannot stand in a statement for
    many rows, and not every driver counts the rows of one.
    """
    return Lookup(
        select(
            ContactRow.id,
            ContactRow.ticket_id,
            ContactRow.client_id,
            ContactRow.queue_id,
            ContactRow.entered_at,
            ContactRow.answered_at,
            ContactRow.waited_seconds,
        )
        .where(ContactRow.id.in_(bindparam("ids", expanding=True)), ContactRow.state.in_(states))
        .order_by(ContactRow.id)
        .with_for_update()
    )


_TO_OFFER: Final = _contacts_in(*WAITING_STATES)
_TO_TAKE: Final = _contacts_in(*OPEN_STATES)
_RINGING: Final = Lookup(
    select(OfferRow.id).where(
        OfferRow.id.in_(bindparam("ids", expanding=True)), OfferRow.state == "ringing"
    )
)


async def store_offers(session: AsyncSession, made: Sequence[NewOffer], now: datetime) -> None:
    """Store that these contacts ring at agents; ConflictError unless all of them still wait.

    A few statements for all: a contact may be among them more than once, for several agents.
    """
    if not made:
        return
    reasons = {one.offer_id: {"sentences": one.sentences, **one.decision} for one in made}
    first = {one.contact_id: one for one in reversed(made)}
    claims = [
        {"of": one.contact_id, "at": now, "told": reasons[one.offer_id]} for one in first.values()
    ]
    waiting = await _TO_OFFER.named(session, ids=list(first))
    if len(waiting) != len(claims):
        raise ConflictError("a contact was taken or left just now")
    await _CLAIM.run(session, claims)
    await _INSERT_OFFER.run(session, [_offer_row(one, reasons, now) for one in made])
    subjects = {row.id: subjects_of(row) for row in waiting}
    for one in made:
        record(
            session,
            events.OfferMade(
                offer_id=one.offer_id,
                agent_id=one.agent_id,
                expires_at=one.expires_at,
                why=one.sentences,
                only_agent_id=one.agent_id,
                **subjects[one.contact_id],
            ),
        )


def _offer_row(one: NewOffer, reasons: Mapping[UUID, Any], now: datetime) -> dict[str, Any]:
    return {
        "id": one.offer_id,
        "contact_id": one.contact_id,
        "agent_id": one.agent_id,
        "state": "ringing",
        "made_at": now,
        "expires_at": one.expires_at,
        "decision": reasons[one.offer_id],
    }


async def end_offer(
    session: AsyncSession, offer_id: UUID, *, state: str, reason: str, now: datetime
) -> None:
    offer = await session.get(OfferRow, offer_id)
    if offer is None or offer.state != "ringing":
        raise ConflictError("this offer is over")
    offer.state, offer.ended_at = state, now
    contact = await find_contact(session, offer.contact_id)
    record(
        session,
        events.OfferEnded(
            offer_id=offer_id,
            agent_id=offer.agent_id,
            state=state,
            reason=reason,
            only_agent_id=offer.agent_id,
            **subjects_of(contact),
        ),
    )


async def give_to_agent(
    session: AsyncSession,
    contact_id: UUID,
    agent_id: UUID,
    *,
    now: datetime,
    why: dict[str, Any] | None = None,
) -> ContactRow:
    """The agent holds the contact from now on."""
    contact = await _claim(session, contact_id, OPEN_STATES)
    contact.state, contact.agent_id, contact.pinned = "active", agent_id, False
    _answered(contact, now)
    if why is not None:
        contact.why = why
    record(
        session,
        events.ContactAnswered(agent_id=agent_id, actor_id=agent_id, **subjects_of(contact)),
    )
    return contact


async def store_accepted(
    session: AsyncSession, accepted: Sequence[Accepted], now: datetime
) -> dict[UUID, UUID]:
    """Store that these agents took what rang; ConflictError unless all of it still rings.

    A few statements for all of them; no contact is among them twice. Returns the contacts'
    tickets.
    """
    offers = await _RINGING.rows(session, ids=[one.offer_id for one in accepted])
    if len(offers) != len(accepted):
        raise ConflictError("this offer is over")
    ids = [one.contact_id for one in accepted]
    contacts = {row.id: row for row in await _TO_TAKE.named(session, ids=ids)}
    if len(contacts) != len(ids):
        raise ConflictError("a contact was taken or left just now")
    await _ACCEPT.run(session, [{"of": one.offer_id, "at": now} for one in accepted])
    await _TAKE.run(session, [_taken(contacts[one.contact_id], one, now) for one in accepted])
    for one in accepted:
        subjects = subjects_of(contacts[one.contact_id])
        record(
            session,
            events.OfferEnded(
                offer_id=one.offer_id,
                agent_id=one.agent_id,
                state="accepted",
                reason="",
                only_agent_id=one.agent_id,
                **subjects,
            ),
        )
        record(
            session,
            events.ContactAnswered(agent_id=one.agent_id, actor_id=one.agent_id, **subjects),
        )
    return {row.id: row.ticket_id for row in contacts.values()}


def _taken(contact: Any, one: Accepted, now: datetime) -> dict[str, Any]:
    """What the agent's taking it makes of a contact; a second agent's is not its first answer."""
    answered = contact.answered_at or now
    waited = int((answered - contact.entered_at).total_seconds())
    return {
        "of": contact.id,
        "by": one.agent_id,
        "answered": answered,
        "waited": waited if contact.answered_at is None else contact.waited_seconds,
    }


async def requeue(
    session: AsyncSession,
    contact_id: UUID,
    *,
    reason: str,
    queue_id: UUID | None = None,
    now: datetime | None = None,
    virtual_arrival: datetime | None = None,
    pinned_to: UUID | None = None,
    left: UUID | None = None,
) -> ContactRow:
    """Put the contact back to its old place (or a new one), in this queue or another, which it
    enters `now`; `pinned_to` says who alone may have it, `left` which queue sent it on.

    Where its client has chosen a queue of which the router has not heard yet, it stays there: only
    somebody's hand takes it elsewhere.
    """
    contact = await _claim(session, contact_id, OPEN_STATES)
    contact.preferred_agent_id = contact.agent_id or contact.preferred_agent_id
    contact.state, contact.agent_id = "queued", None
    contact.wrap_up_until = None
    contact.virtual_arrival = virtual_arrival or contact.virtual_arrival
    if reason == "moved":
        contact.pinned = pinned_to is not None
        contact.preferred_agent_id = pinned_to or contact.preferred_agent_id
    sent_on = reason == "moved" or (reason in OVERFLOWING and left in {None, contact.queue_id})
    if queue_id is not None and queue_id != contact.queue_id and sent_on:
        contact.queue_id, contact.entered_queue_at, contact.chosen = queue_id, now, None
        contact.hops = (contact.hops or 0) + (reason in OVERFLOWING)
    record(session, events.ContactRequeued(reason=reason, **subjects_of(contact)))
    return contact


async def take_place_of(
    session: AsyncSession, contact_id: UUID, *, virtual_arrival: datetime, now: datetime
) -> None:
    """Let the contact wait at the place of a callback that it makes needless."""
    contact = await _claim(session, contact_id, OPEN_STATES)
    contact.entered_queue_at = contact.entered_queue_at or now
    contact.virtual_arrival = virtual_arrival


async def forget_answer(session: AsyncSession, contact: ContactRow) -> None:
    """The agent who took it was not reached: nobody has answered this contact yet."""
    contact.answered_at = contact.waited_seconds = None
    contact.version += 1


async def begin_wrap_up(session: AsyncSession, contact: ContactRow, *, now: datetime) -> None:
    """The conversation is over; the agent's place stays taken until it says how it ended, or until
    the time that the queue grants is up.
    """
    queue = await find_queue(session, contact.queue_id)
    seconds = queue_settings(queue.rules).wrap_up_seconds
    until = None if seconds is None else now + timedelta(seconds=seconds)
    # Read again under a lock: it may be on its way to somebody else at this moment.
    await session.refresh(contact, with_for_update=True)
    if contact.state != "active" or contact.agent_id is None:
        raise ConflictError(f"this contact is {contact.state}")
    contact.state, contact.wrap_up_until = "wrap_up", until
    contact.version += 1
    record(
        session,
        events.WrapUpBegun(agent_id=contact.agent_id, until=until, **subjects_of(contact)),
    )


async def conclude(session: AsyncSession, contact: ContactRow, *, by: UUID, now: datetime) -> None:
    """The agent `by` is through with the conversation: wrap-up begins where the queue wants it of
    who held the contact, otherwise it is closed. One that is being wrapped up stays so.
    """
    if contact.state == "wrap_up":
        return
    queue = await find_queue(session, contact.queue_id)
    settings = queue_settings(queue.rules)
    if settings.wrap_up and contact.state == "active" and contact.agent_id == by:
        await begin_wrap_up(session, contact, now=now)
        _answered(contact, now)
        return
    if contact.agent_id is None:
        contact.agent_id = by
    await end_contact(session, contact, state="closed", now=now)


async def end_contact(
    session: AsyncSession,
    contact: ContactRow,
    *,
    state: str,
    now: datetime,
    disposition: DispositionRow | None = None,
    note: str = "",
) -> None:
    """Close an open contact: answered and done, abandoned by the client, or flowed out."""
    if contact.state not in OPEN_STATES:
        return
    if state == "closed":
        _answered(contact, now)
    agent_id = contact.agent_id
    contact.state, contact.ended_at = state, now
    contact.disposition_id = None if disposition is None else disposition.id
    contact.disposition_note = note or None
    contact.version += 1
    record(
        session,
        events.ContactEnded(
            state=state,
            agent_id=agent_id,
            disposition="" if disposition is None else disposition.name,
            note=note,
            **subjects_of(contact),
        ),
    )


async def reopen_latest(session: AsyncSession, ticket_id: UUID, *, agent_id: UUID) -> None:
    """Give the agent back the contact that their answer, now withdrawn, had ended."""
    contact = await open_contact_of(session, ticket_id)
    if contact is not None:
        if contact.state == "wrap_up":
            _reopen(session, contact, agent_id)
        return
    contact = await session.scalar(
        select(ContactRow)
        .where(ContactRow.ticket_id == ticket_id, ContactRow.state == "closed")
        .order_by(ContactRow.ended_at.desc())
        .limit(1)
    )
    if contact is not None:
        _reopen(session, contact, agent_id)


def _reopen(session: AsyncSession, contact: ContactRow, agent_id: UUID) -> None:
    contact.state, contact.ended_at, contact.agent_id = "active", None, agent_id
    contact.wrap_up_until = None
    contact.version += 1
    record(
        session,
        events.ContactReopened(
            agent_id=agent_id,
            channel=contact.channel,
            virtual_arrival=contact.virtual_arrival,
            **subjects_of(contact),
        ),
    )


def _answered(contact: ContactRow, now: datetime) -> None:
    if contact.answered_at is None:
        contact.answered_at = now
        contact.waited_seconds = int((now - contact.entered_at).total_seconds())


async def _claim(session: AsyncSession, contact_id: UUID, states: Sequence[str]) -> ContactRow:
    """Load the contact for change, provided it is in one of the states."""
    contact = await session.get(ContactRow, contact_id, with_for_update=True)
    if contact is None:
        raise NotFoundError
    if contact.state not in states:
        raise ConflictError(f"this contact is {contact.state} already")
    contact.version += 1
    return contact


def _values(contact: NewContact, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "ticket_id": contact.ticket_id,
        "client_id": contact.client_id,
        "queue_id": contact.queue_id,
        "channel": contact.channel,
        "account_id": contact.account_id,
        "state": "queued",
        "virtual_arrival": contact.virtual_arrival or now,
        "entered_at": now,
        "offered_at": None,
        "answered_at": None,
        "waited_seconds": None,
        "ended_at": None,
        "agent_id": None,
        "preferred_agent_id": contact.preferred_agent_id,
        "why": None,
        "callback": contact.callback or None,
        "version": 1,
    }


# --- Queues ---------------------------------------------------------------------------------


async def default_queue(session: AsyncSession) -> QueueRow | None:
    found: QueueRow | None = await session.scalar(
        select(QueueRow).order_by(QueueRow.is_default.desc(), QueueRow.id).limit(1)
    )
    return found


def default_of(queues: Sequence[QueueRow]) -> QueueRow | None:
    """Return the one among all queues where a contact waits that nobody put elsewhere."""
    return min(queues, key=lambda queue: (not queue.is_default, queue.id), default=None)


async def find_queue(session: AsyncSession, queue_id: UUID) -> QueueRow:
    queue = await session.get(QueueRow, queue_id)
    if queue is None:
        raise NotFoundError
    return queue


async def list_queues(session: AsyncSession) -> list[QueueRow]:
    return list(await session.scalars(select(QueueRow).order_by(QueueRow.name)))


async def members(session: AsyncSession) -> dict[UUID, list[UUID]]:
    """Return the agents of every queue, in a stable order."""
    found: dict[UUID, list[UUID]] = {}
    rows = await session.execute(
        select(QueueMemberRow.queue_id, QueueMemberRow.agent_id).order_by(QueueMemberRow.agent_id)
    )
    for queue_id, agent_id in rows:
        found.setdefault(queue_id, []).append(agent_id)
    return found


async def create_queue(
    session: AsyncSession, values: Mapping[str, Any], member_ids: Sequence[UUID], now: datetime
) -> QueueRow:
    if await session.scalar(select(QueueRow.id).where(QueueRow.name == values["name"])):
        raise InvalidInputError("there is a queue of this name", field="name")
    first = await default_queue(session) is None
    queue = QueueRow(id=new_id(), created_at=now, is_default=first, **values)
    session.add(queue)
    await session.flush()
    await set_members(session, queue.id, member_ids)
    record(session, events.QueueChanged(queue_id=queue.id))
    return queue


async def change_queue(
    session: AsyncSession, queue: QueueRow, changes: Mapping[str, Any], *, version: int
) -> None:
    if queue.version != version:
        raise ConflictError
    name = changes.get("name", queue.name)
    if name != queue.name and await session.scalar(
        select(QueueRow.id).where(QueueRow.name == name)
    ):
        raise InvalidInputError("there is a queue of this name", field="name")
    if changes.get("is_default"):
        await session.execute(update(QueueRow).values(is_default=False))
    for field, value in changes.items():
        if field == "member_ids":
            await set_members(session, queue.id, value)
        else:
            setattr(queue, field, value)
    queue.version += 1
    record(session, events.QueueChanged(queue_id=queue.id))


async def delete_queue(session: AsyncSession, queue: QueueRow) -> None:
    """Remove a queue that never held a contact; others keep the history they are part of."""
    if queue.is_default:
        raise ConflictError("this is the default queue; make another one the default first")
    used = await session.scalar(
        select(ContactRow.id).where(ContactRow.queue_id == queue.id).limit(1)
    )
    if used is not None:
        raise ConflictError("contacts have been in this queue; take its members out instead")
    for other in await list_queues(session):
        if other.id != queue.id and str(queue.id) in msgspec.json.encode(other.rules).decode():
            raise ConflictError(f"the rules of {other.name} name this queue; change them first")
    if await session.scalar(
        select(DispositionRow.id).where(DispositionRow.queue_id == queue.id).limit(1)
    ):
        raise ConflictError("a disposition belongs to this queue; remove it first")
    await set_members(session, queue.id, ())
    await session.delete(queue)
    record(session, events.QueueChanged(queue_id=queue.id))


async def join_queue(session: AsyncSession, queue_id: UUID, agent_id: UUID) -> None:
    await insert_new(
        session,
        QueueMemberRow,
        [{"queue_id": queue_id, "agent_id": agent_id}],
        QueueMemberRow.agent_id,
    )
    record(session, events.QueueChanged(queue_id=queue_id))


async def queue_name(session: AsyncSession, queue_id: UUID) -> str:
    return await session.scalar(select(QueueRow.name).where(QueueRow.id == queue_id)) or ""


async def set_members(session: AsyncSession, queue_id: UUID, agent_ids: Sequence[UUID]) -> None:
    before = await session.scalars(
        select(QueueMemberRow.agent_id).where(QueueMemberRow.queue_id == queue_id)
    )
    pair = sorted(before), sorted(set(agent_ids))
    note(session, "queue", queue_id, await queue_name(session, queue_id), {"member_ids": pair})
    await session.execute(delete(QueueMemberRow).where(QueueMemberRow.queue_id == queue_id))
    rows = [{"queue_id": queue_id, "agent_id": agent_id} for agent_id in sorted(set(agent_ids))]
    if rows:
        await session.execute(insert(QueueMemberRow), rows)


async def move_contacts_of(
    session: AsyncSession, *, source_id: UUID, target_id: UUID, only: Sequence[UUID] | None = None
) -> list[UUID]:
    """Give the source client's contacts to the target (a merge); return which ones moved."""
    statement = (
        update(ContactRow)
        .where(ContactRow.client_id == source_id)
        .values(client_id=target_id)
        .returning(ContactRow.id)
        .execution_options(synchronize_session=False)
    )
    if only is not None:
        statement = statement.where(ContactRow.id.in_(only))
    return list(await session.scalars(statement))
