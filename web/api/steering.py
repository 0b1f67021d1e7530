"""A hand on single contacts: bump, reserve, estimate, and how a contact ended."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncSession

from desk.many_contacts import Steered, Wish, steer_many
from kernel.errors import ConflictError, ForbiddenError, InvalidInputError
from kernel.limits import CONTACTS_AT_ONCE, DISPOSITION_NOTE_CHARS
from routing import service as routing
from routing.settings import queue_settings
from routing.tables import ContactRow, DispositionRow
from tickets.service import find_ticket
from web.api.references import check_agents
from web.api.shown import contact_shown
from web.routes import Call, get, post
from web.shapes import Body, ContactView, View

SUPERVISE = "queue.supervise"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AN_INSTANT = timedelta(microseconds=1)
SECOND_US = 1_000_000


class PinContact(Body):
    agent_id: UUID | None = None
    """Who alone may have it; nobody: anybody may."""


class FinishContact(Body):
    disposition_id: UUID | None = None
    note: Annotated[str, Meta(max_length=DISPOSITION_NOTE_CHARS)] = ""


class ContactChanges(Body):
    """The same for many: wait in another queue, go to an agent, or wait again where they are."""

    contact_ids: Annotated[list[UUID], Meta(min_length=1, max_length=CONTACTS_AT_ONCE)]
    do: Literal["move", "assign", "requeue"]
    queue_id: UUID | None = None
    agent_id: UUID | None = None


class ContactOutcome(View):
    """What became of one of them; `error` and `message` say why nothing did."""

    id: UUID
    error: str = ""
    message: str = ""


class EstimateView(View):
    """How long a waiting contact will probably wait still."""

    ahead: int
    mean_seconds: float
    p50_seconds: float
    p80_seconds: float


async def bump_contact(call: Call) -> ContactView:
    """Let a contact be the first in its queue"""
    contact = await _seen(call)
    routing.require_open(contact)
    async with call.house.database.reading() as session:
        first = await routing.first_place(session, contact.queue_id)
    place = (first or contact.virtual_arrival) - AN_INSTANT
    await call.house.dispatcher.move(
        contact.id, contact.queue_id, virtual_arrival_us=(place - EPOCH) // AN_INSTANT
    )
    return await contact_shown(call, call.id())


async def pin_contact(call: Call, body: PinContact) -> ContactView:
    """Reserve a waiting contact for one agent, or let anybody have it again"""
    routing.require_open(await _seen(call))
    if body.agent_id is not None:
        async with call.house.database.reading() as session:
            await check_agents(session, [body.agent_id], field="agent_id")
    await call.house.dispatcher.pin(call.id(), body.agent_id)
    return await contact_shown(call, call.id())


async def post_contact_changes(call: Call, body: ContactChanges) -> list[ContactOutcome]:
    """Move, give away or give back many contacts; each answers for itself"""
    if len(set(body.contact_ids)) < len(body.contact_ids):
        raise InvalidInputError("name each contact once", field="contact_ids")
    async with call.house.database.reading() as session:
        if body.queue_id is not None:
            await routing.find_queue(session, body.queue_id)
        if body.agent_id is not None:
            await check_agents(session, [body.agent_id], field="agent_id")
    done = await steer_many(
        call.house.database,
        call.house.dispatcher,
        body.contact_ids,
        Wish(do=body.do, queue_id=body.queue_id, agent_id=body.agent_id),
        actor=call.actor,
    )
    return [_outcome(one) for one in done]


def _outcome(one: Steered) -> ContactOutcome:
    if one.refused is None:
        return ContactOutcome(id=one.id)
    return ContactOutcome(id=one.id, error=one.refused.code, message=one.refused.message)


async def get_estimate(call: Call) -> EstimateView:
    """How long this contact will probably still wait"""
    contact = await _seen(call)
    if contact.state not in routing.WAITING_STATES:
        raise ConflictError(f"this contact is {contact.state}")
    found = call.house.dispatcher.estimate(contact.id)
    return EstimateView(
        ahead=found.ahead,
        mean_seconds=found.mean_us / SECOND_US,
        p50_seconds=found.p50_us / SECOND_US,
        p80_seconds=found.p80_us / SECOND_US,
    )


async def begin_wrap_up(call: Call) -> ContactView:
    """The conversation is over; say how it ended before taking the next"""
    await _seen(call)
    async with call.house.database.transaction() as session:
        contact = await _mine(call, session)
        await routing.begin_wrap_up(session, contact, now=call.house.clock.now())
    return await contact_shown(call, call.id())


async def finish_contact(call: Call, body: FinishContact) -> ContactView:
    """Say how a contact ended, and be free for the next"""
    await _seen(call)
    async with call.house.database.transaction() as session:
        contact = await _mine(call, session)
        await routing.end_contact(
            session,
            contact,
            state="closed",
            now=call.house.clock.now(),
            disposition=await _ending(session, contact, body),
            note=body.note.strip(),
        )
    return await contact_shown(call, call.id())


async def _ending(
    session: AsyncSession, contact: ContactRow, body: FinishContact
) -> DispositionRow | None:
    """Return how it ended; refused where the queue does not know it, or asks for more."""
    if body.disposition_id is None:
        queue = await routing.find_queue(session, contact.queue_id)
        if queue_settings(queue.rules).needs_disposition:
            raise InvalidInputError("say how it ended", field="disposition_id")
        return None
    chosen = await session.get(DispositionRow, body.disposition_id)
    if chosen is None or not chosen.active or chosen.queue_id not in {None, contact.queue_id}:
        raise InvalidInputError("this queue does not know this ending", field="disposition_id")
    if chosen.needs_note and not body.note.strip():
        raise InvalidInputError("this ending needs a note", field="note")
    return chosen


async def _mine(call: Call, session: AsyncSession) -> ContactRow:
    contact = await routing.find_contact(session, call.id())
    if contact.agent_id != call.actor.agent_id:
        raise ForbiddenError("this contact belongs to somebody else")
    if contact.state not in {"active", "wrap_up"}:
        raise ConflictError(f"this contact is {contact.state}")
    return contact


async def _seen(call: Call) -> ContactRow:
    """A contact is seen by whoever sees its ticket."""
    async with call.house.database.reading() as session:
        contact = await routing.find_contact(session, call.id())
        await find_ticket(session, contact.ticket_id, seen_by=call.actor)
        return contact


ROUTES = [
    post("/contacts/changes", post_contact_changes, SUPERVISE),
    post("/contacts/{id}/bump", bump_contact, SUPERVISE),
    post("/contacts/{id}/pin", pin_contact, SUPERVISE),
    get("/contacts/{id}/estimate", get_estimate),
    post("/contacts/{id}/wrap-up", begin_wrap_up, "ticket.reply"),
    post("/contacts/{id}/finish", finish_contact, "ticket.reply"),
]
