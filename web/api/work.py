"""The agent's desk and the floor: offers, contacts, queues, and why things are as they are."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.actor import Actor
from kernel.cursors import make_cursor
from kernel.errors import ConflictError, ForbiddenError
from kernel.limits import PAGE_ROWS, PAGE_ROWS_MAX
from routing import queries
from routing import service as routing
from routing.tables import ContactRow
from staff import roster
from tickets.queries import visible_ids
from tickets.service import find_ticket
from web import views
from web.api.references import check_agents, check_channels, check_team
from web.api.shown import contact_shown
from web.routes import Call, changes_of, delete, get, patch, post
from web.shapes import (
    AgentFigures,
    AssignContact,
    ContactState,
    ContactView,
    Cursor,
    Done,
    FloorView,
    MoveContact,
    NewQueue,
    OfferView,
    Page,
    PresenceView,
    QueueFigures,
    QueuePatch,
    QueueView,
    SentenceView,
    WhyView,
    WorkView,
)

WAITING_SHOWN = 200
SUPERVISE = "queue.supervise"


class ContactQuery(Struct, forbid_unknown_fields=True):
    state: ContactState | Literal["open"] = "open"
    queue_id: UUID | None = None
    cursor: Cursor | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_ROWS_MAX)] = PAGE_ROWS


async def get_work(call: Call) -> WorkView:
    """What rings for me and what I am working on"""
    me = call.actor.agent_id
    async with call.house.database.reading() as session:
        offers = await queries.ringing_for(session, me)
        rows = await queries.by_ids(session, [offer.contact_id for offer in offers])
        mine = await queries.list_contacts(
            session, states=("active", "wrap_up"), agent_id=me, limit=PAGE_ROWS_MAX
        )
        all_views = await views.contact_views(session, [*rows.values(), *mine], reader=call.actor)
        shown = {one.id: one for one in all_views}
        seats = {seat.agent_id: seat for seat in await roster.seats(session)}
    return WorkView(
        offers=[
            OfferView(
                id=offer.id,
                contact=shown[offer.contact_id],
                expires_at=offer.expires_at,
                why=views.sentences(offer.decision),
            )
            for offer in offers
        ],
        contacts=[shown[row.id] for row in mine],
        presence=_presence(seats[me]),
    )


async def accept_offer(call: Call) -> ContactView:
    """Take the contact that rings for me"""
    await call.house.switchboard.refuse_deaf(call.id(), call.actor.agent_id)
    contact_id = await call.house.dispatcher.accept(call.id(), call.actor.agent_id)
    return await contact_shown(call, contact_id)


async def decline_offer(call: Call) -> Done:
    """Let somebody else have it; it keeps its place"""
    await call.house.dispatcher.decline(call.id(), call.actor.agent_id)
    return Done()


async def list_contacts(call: Call, query: ContactQuery) -> Page[ContactView]:
    """Contacts by their place in the queue, longest waiting first; of tickets I may see"""
    states = routing.OPEN_STATES if query.state == "open" else (query.state,)
    async with call.house.database.reading() as session:
        rows = await queries.list_contacts(
            session,
            states=states,
            queue_id=query.queue_id,
            of_tickets=None if call.actor.may(SUPERVISE) else visible_ids(call.actor),
            after=query.cursor,
            limit=query.limit + 1,
        )
        page = rows[: query.limit]
        following = None
        if len(rows) > query.limit:
            following = make_cursor(page[-1].virtual_arrival, page[-1].id)
        return Page(await views.contact_views(session, page, reader=call.actor), following)


async def take_contact(call: Call) -> ContactView:
    """Take a waiting contact by hand"""
    routing.require_open(await _seen(call))
    await call.house.dispatcher.take(call.id(), call.actor.agent_id)
    return await contact_shown(call, call.id())


async def assign_contact(call: Call, body: AssignContact) -> ContactView:
    """Give a contact to an agent, whoever has it"""
    routing.require_open(await _seen(call))
    async with call.house.database.reading() as session:
        await check_agents(session, [body.agent_id], field="agent_id")
    await call.house.dispatcher.assign(call.id(), body.agent_id, by=call.actor.agent_id)
    return await contact_shown(call, call.id())


async def move_contact(call: Call, body: MoveContact) -> ContactView:
    """Let a contact wait in another queue, by its old place"""
    routing.require_open(await _own_or_supervisor(call))
    async with call.house.database.reading() as session:
        await routing.find_queue(session, body.queue_id)
    await call.house.dispatcher.move(call.id(), body.queue_id)
    return await contact_shown(call, call.id())


async def requeue_contact(call: Call) -> ContactView:
    """Give a contact back to its queue; it keeps its place"""
    contact = await _own_or_supervisor(call)
    routing.require_open(contact)
    await call.house.dispatcher.move(call.id(), contact.queue_id)
    return await contact_shown(call, call.id())


async def close_contact(call: Call) -> ContactView:
    """End a contact, for example a chat that is over"""
    await _own_or_supervisor(call)
    async with call.house.database.transaction() as session:
        contact = await routing.find_contact(session, call.id())
        if contact.state not in routing.OPEN_STATES:
            raise ConflictError(f"this contact is {contact.state} already")
        if contact.state == "wrap_up":
            if not call.actor.may(SUPERVISE):
                raise ConflictError("it is over already: finish it by saying how it ended")
            await routing.end_contact(session, contact, state="closed", now=call.house.clock.now())
        else:
            by, now = call.actor.agent_id, call.house.clock.now()
            await routing.conclude(session, contact, by=by, now=now)
    return await contact_shown(call, call.id())


async def get_why(call: Call) -> WhyView:
    """Why this contact went where it went, or why it still waits"""
    contact = await _seen(call)
    facts: Mapping[str, Any] = {}
    sentences: Mapping[str, Any] | None = contact.why
    if contact.state in routing.OPEN_STATES:
        standing, said = call.house.dispatcher.why(contact.id)
        facts = msgspec.to_builtins(standing)
        if contact.state in routing.WAITING_STATES or contact.why is None:
            sentences = {"sentences": said}
    return WhyView(
        contact=await contact_shown(call, contact.id),
        sentences=[*_chosen(contact), *views.sentences(sentences)],
        facts=dict(facts),
    )


def _chosen(contact: ContactRow) -> list[SentenceView]:
    """Say that the client chose the queue, before why it went on as it did."""
    if contact.chosen is None:
        return []
    text = f"The client chose “{contact.chosen}” in the menu"
    return [SentenceView(key="chosen", params={"choice": contact.chosen}, text=text)]


async def get_floor(call: Call) -> FloorView:
    """Every queue and every agent as they are now"""
    seq = call.house.feed.seq
    async with call.house.database.reading() as session:
        agents = await _agent_figures(session, call.actor)
        waiting = await queries.list_contacts(
            session, states=routing.WAITING_STATES, limit=WAITING_SHOWN
        )
        return FloorView(
            seq=seq,
            queues=await _queue_figures(session, agents),
            agents=agents,
            waiting=await views.contact_views(session, waiting, reader=call.actor),
        )


async def _queue_figures(session: AsyncSession, agents: list[AgentFigures]) -> list[QueueFigures]:
    figures = await queries.queue_figures(session)
    members = await routing.members(session)
    available = {one.agent_id for one in agents if one.presence.state == "available"}
    shown = []
    for queue in await routing.list_queues(session):
        one = figures[queue.id]
        shown.append(
            QueueFigures(
                queue_id=queue.id,
                name=queue.name,
                waiting=one.waiting,
                oldest=one.oldest,
                offered_now=one.offered_now,
                active_now=one.active_now,
                service_target_seconds=queue.service_target_seconds,
                service_level_percent=queue.service_level_percent,
                agents_available=len(available.intersection(members.get(queue.id, ()))),
            )
        )
    return shown


async def _agent_figures(session: AsyncSession, reader: Actor) -> list[AgentFigures]:
    held = await queries.list_contacts(
        session, states=("active", "wrap_up"), limit=PAGE_ROWS_MAX * 10
    )
    views_of: dict[UUID | None, list[ContactView]] = {}
    for contact in await views.contact_views(session, held, reader=reader):
        views_of.setdefault(contact.agent_id, []).append(contact)
    shown = []
    for seat in await roster.seats(session):
        contacts = views_of.get(seat.agent_id, [])
        load: dict[str, int] = {}
        for contact in contacts:
            load[contact.channel] = load.get(contact.channel, 0) + 1
        shown.append(
            AgentFigures(
                agent_id=seat.agent_id,
                name=seat.name,
                presence=_presence(seat),
                active=load,
                capacity=seat.capacity,
                contacts=contacts,
            )
        )
    return shown


def _presence(seat: roster.Seat) -> PresenceView:
    return PresenceView(
        agent_id=seat.agent_id,
        state=seat.state,  # type: ignore[arg-type]
        reason=seat.reason,
        since=seat.since or seat.created_at,
    )


async def _seen(call: Call) -> ContactRow:
    """A contact is seen by whoever sees its ticket."""
    async with call.house.database.reading() as session:
        contact = await routing.find_contact(session, call.id())
        await find_ticket(session, contact.ticket_id, seen_by=call.actor)
        return contact


async def _own_or_supervisor(call: Call) -> ContactRow:
    contact = await _seen(call)
    if contact.agent_id != call.actor.agent_id and not call.actor.may("queue.supervise"):
        raise ForbiddenError("this contact belongs to somebody else")
    return contact


# --- Queues ---------------------------------------------------------------------------------


async def list_queues(call: Call) -> list[QueueView]:
    """All queues with their members"""
    async with call.house.database.reading() as session:
        members = await routing.members(session)
        return [
            views.queue_view(queue, members.get(queue.id, ()))
            for queue in await routing.list_queues(session)
        ]


async def post_queue(call: Call, body: NewQueue) -> QueueView:
    """Make a queue"""
    values = msgspec.structs.asdict(body)
    member_ids = values.pop("member_ids")
    async with call.house.database.transaction() as session:
        await _check_queue(session, msgspec.structs.asdict(body))
        queue = await routing.create_queue(session, values, member_ids, call.house.clock.now())
        return views.queue_view(queue, member_ids)


async def patch_queue(call: Call, body: QueuePatch) -> QueueView:
    """Change a queue or its members"""
    changes = changes_of(body)
    async with call.house.database.transaction() as session:
        queue = await routing.find_queue(session, call.id())
        await _check_queue(session, changes)
        await routing.change_queue(session, queue, changes, version=body.version)
        return views.queue_view(queue, (await routing.members(session)).get(queue.id, ()))


async def _check_queue(session: AsyncSession, values: Mapping[str, Any]) -> None:
    if values.get("team_id") is not None:
        await check_team(session, values["team_id"], field="team_id")
    await check_agents(session, values.get("member_ids", ()), field="member_ids")
    check_channels(values.get("channels", ()), field="channels")


async def delete_queue(call: Call) -> Done:
    """Remove a queue that was never used"""
    async with call.house.database.transaction() as session:
        await routing.delete_queue(session, await routing.find_queue(session, call.id()))
    return Done()


ROUTES = [
    get("/work", get_work),
    post("/offers/{id}/accept", accept_offer, "ticket.reply"),
    post("/offers/{id}/decline", decline_offer, "ticket.reply"),
    get("/contacts", list_contacts),
    post("/contacts/{id}/take", take_contact, "ticket.reply"),
    post("/contacts/{id}/assign", assign_contact, "queue.supervise"),
    post("/contacts/{id}/move", move_contact, "ticket.reply"),
    post("/contacts/{id}/requeue", requeue_contact, "ticket.reply"),
    post("/contacts/{id}/close", close_contact, "ticket.reply"),
    get("/contacts/{id}/why", get_why),
    get("/floor", get_floor, "queue.supervise"),
    get("/queues", list_queues),
    post("/queues", post_queue, "queue.manage", status=201),
    patch("/queues/{id}", patch_queue, "queue.manage"),
    delete("/queues/{id}", delete_queue, "queue.manage"),
]
