"""Tickets: lists, one ticket with everything around it, and changes."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from desk import openings
from desk.openings import Opening
from kernel.actor import Actor
from kernel.errors import InvalidInputError
from kernel.limits import PAGE_ROWS, PAGE_ROWS_MAX
from knowledge_base import queries as articles
from routing import service as routing
from routing.tables import ContactRow
from staff import queries as staff_queries
from tickets import queries as ticket_queries
from tickets import ratings, saved_views
from tickets import service as tickets
from tickets.conditions import Group
from tickets.queries import TicketFilter
from web import views
from web.api.client_views import client_view
from web.api.knowledge import article_brief
from web.api.messages import read_choice, read_parties
from web.api.references import check_agents, check_team
from web.live import COMPANIONS, LISTEN
from web.routes import Call, changes_of, get, patch, post
from web.shapes import (
    ContactView,
    Cursor,
    HistoryItem,
    NewTicket,
    Page,
    RatingView,
    Tag,
    TicketBrief,
    TicketPatch,
    TicketView,
    ViewCount,
)

THREAD_MESSAGES = 50

Limit = Annotated[int, Meta(ge=1, le=PAGE_ROWS_MAX)]


class TicketQuery(Struct, forbid_unknown_fields=True):
    view: Annotated[str, Meta(max_length=40)] = "all"
    """A ready-made view, or the id of a saved one."""
    status: Annotated[str, Meta(max_length=100)] = ""
    """One or several, separated by commas."""
    client_id: UUID | None = None
    queue_id: UUID | None = None
    tag: Tag | None = None
    cursor: Cursor | None = None
    limit: Limit = PAGE_ROWS


class HistoryQuery(Struct, forbid_unknown_fields=True):
    cursor: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None
    limit: Limit = PAGE_ROWS


async def list_tickets(call: Call, query: TicketQuery) -> Page[TicketBrief]:
    """Tickets of a view, latest activity first"""
    async with call.house.database.reading() as session:
        chosen = TicketFilter(
            view=query.view,
            saved=await _saved(session, call.actor, query.view),
            now=call.house.clock.now(),
            status=tuple(one for one in query.status.split(",") if one),
            client_id=query.client_id,
            queue_id=query.queue_id,
            tag=query.tag,
        )
        rows, following = await ticket_queries.list_tickets(
            session, call.actor, chosen, after=query.cursor, limit=query.limit
        )
        return Page(await views.ticket_briefs(session, rows, reader=call.actor), following)


async def _saved(session: AsyncSession, actor: Actor, view: str) -> Group | None:
    """The conditions of a saved view; a word of ours names a ready-made one."""
    if not view[:1].isdigit() and "-" not in view:
        return None
    try:
        view_id = UUID(view)
    except ValueError as error:
        raise InvalidInputError("there is no such view", field="view") from error
    return saved_views.conditions_of(await saved_views.find_view(session, view_id, seen_by=actor))


async def count_tickets(call: Call) -> list[ViewCount]:
    """How many live tickets each ready-made view holds, and how many each saved one"""
    now = call.house.clock.now()
    async with call.house.database.reading() as session:
        counts = await ticket_queries.count_views(session, call.actor)
        unread = await ticket_queries.count_unread(session, call.actor)
        kept = await saved_views.views_for(session, call.actor)
        saved = await ticket_queries.count_saved(
            session, call.actor, {row.id: saved_views.conditions_of(row) for row in kept}, now
        )
    ready = [
        ViewCount(view=view, count=count, unread=unread if view == "mine" else 0)
        for view, count in counts.items()
    ]
    return [*ready, *(ViewCount(view=str(one), count=count) for one, count in saved.items())]


async def get_ticket(call: Call) -> TicketView:
    """A ticket with its client, contact, articles and the newest page of its thread"""
    async with call.house.database.reading() as session:
        ticket = await tickets.find_ticket(session, call.id(), seen_by=call.actor)
        rows, older = await ticket_queries.thread_page(
            session, ticket.id, before=None, limit=THREAD_MESSAGES
        )
        contact = await routing.open_contact_of(session, ticket.id)
        before = [ticket.follows_id] if ticket.follows_id else []
        follows = await views.ticket_briefs(
            session, await ticket_queries.by_ids(session, call.actor, before), reader=call.actor
        )
        linked = await articles.briefs(
            session, await ticket_queries.linked_articles(session, ticket.id)
        )
        (brief,) = await views.ticket_briefs(session, [ticket], reader=call.actor)
        return TicketView(
            ticket=brief,
            rating=await _rating(session, ticket.id),
            account_id=ticket.account_id,
            recipient=views.parties([ticket.recipient])[0],
            follows=follows[0] if follows else None,
            followed_by=await views.ticket_briefs(
                session,
                await ticket_queries.followed_by(session, ticket.id, call.actor),
                reader=call.actor,
            ),
            contact=await _contact(session, contact, call.actor),
            client=await client_view(session, ticket.client_id),
            messages=await views.message_views(session, rows),
            older=str(older) if older else None,
            articles=[article_brief(one) for one in linked],
        )


async def _rating(session: AsyncSession, ticket_id: UUID) -> RatingView | None:
    found = (await ratings.ratings_of(session, [ticket_id])).get(ticket_id)
    if found is None:
        return None
    return RatingView(score=found.score, comment=found.comment, rated_at=found.rated_at)


async def post_ticket(call: Call, body: NewTicket) -> TicketBrief:
    """Write to a client first: opens a ticket and promises its first message"""
    async with call.house.database.transaction() as session:
        ticket = await openings.open_ticket(
            session,
            call.house.lines,
            actor=call.actor,
            opening=Opening(
                id=body.id,
                subject=body.subject,
                client_id=body.client_id,
                account_id=body.account_id,
                recipient=read_parties([body.recipient])[0],
                html=body.html,
                cc=read_parties(body.cc),
                attachment_ids=body.attachment_ids,
                template=read_choice(body.template),
            ),
            now=call.house.clock.now(),
        )
        return (await views.ticket_briefs(session, [ticket], reader=call.actor))[0]


async def patch_ticket(call: Call, body: TicketPatch) -> TicketBrief:
    """Change fields of a ticket; the version says which state was looked at"""
    changes = changes_of(body)
    async with call.house.database.transaction() as session:
        ticket = await tickets.find_ticket(session, call.id(), seen_by=call.actor, lock=True)
        await _check_people(session, changes)
        await openings.change_ticket(
            session,
            ticket,
            changes,
            actor=call.actor,
            version=body.version,
            now=call.house.clock.now(),
        )
        return (await views.ticket_briefs(session, [ticket], reader=call.actor))[0]


async def get_history(call: Call, query: HistoryQuery) -> Page[HistoryItem]:
    """Everything that happened to a ticket, newest first"""
    async with call.house.database.reading() as session:
        ticket = await tickets.find_ticket(session, call.id(), seen_by=call.actor)
        rows = await ticket_queries.history_page(
            session,
            ticket.id,
            before=query.cursor,
            limit=query.limit + 1,
            private=() if call.actor.may(LISTEN) else COMPANIONS,
        )
        names = await staff_queries.agent_names(
            session, {row.actor_id for row in rows if row.actor_id is not None}
        )
    page = rows[: query.limit]
    items = [
        HistoryItem(
            seq=row.seq,
            at=row.at,
            kind=row.kind,
            actor_id=row.actor_id,
            actor_name=names.get(row.actor_id, "") if row.actor_id else "",
            data=row.data,
        )
        for row in page
    ]
    return Page(items, str(page[-1].seq) if len(rows) > query.limit else None)


async def _contact(
    session: AsyncSession, contact: ContactRow | None, reader: Actor
) -> ContactView | None:
    if contact is None:
        return None
    return (await views.contact_views(session, [contact], reader=reader))[0]


async def _check_people(session: AsyncSession, changes: dict[str, object]) -> None:
    """An id in a body names something that exists, or the change is refused (A-02)."""
    assignee, team = changes.get("assignee_id"), changes.get("team_id")
    if isinstance(assignee, UUID):
        await check_agents(session, [assignee], field="assignee_id")
    if isinstance(team, UUID):
        await check_team(session, team, field="team_id")


ROUTES = [
    get("/tickets", list_tickets),
    get("/tickets/counts", count_tickets),
    post("/tickets", post_ticket, "ticket.reply", status=201),
    get("/tickets/{id}", get_ticket),
    patch("/tickets/{id}", patch_ticket, "ticket.change"),
    get("/tickets/{id}/history", get_history),
]
