"""Canned answers, and one of them filled in for a ticket."""

from uuid import UUID

import msgspec
from msgspec import Struct

from clients import queries as client_queries
from kernel.errors import NotFoundError
from tickets import canned
from tickets import queries as ticket_queries
from tickets.service import find_ticket
from web import views
from web.api.references import check_team
from web.routes import Call, changes_of, delete, get, patch, post
from web.shapes import (
    CannedReplyPatch,
    CannedReplyView,
    Done,
    NewCannedReply,
    RenderedReply,
)


class RenderQuery(Struct, forbid_unknown_fields=True):
    ticket_id: UUID


async def list_canned(call: Call) -> list[CannedReplyView]:
    """The canned answers I may use"""
    async with call.house.database.reading() as session:
        rows = await ticket_queries.canned_replies(session, call.actor)
    return [views.canned_view(row) for row in rows]


async def post_canned(call: Call, body: NewCannedReply) -> CannedReplyView:
    """Write a canned answer"""
    async with call.house.database.transaction() as session:
        if body.team_id is not None:
            await check_team(session, body.team_id, field="team_id")
        row = await canned.create_canned(
            session, msgspec.structs.asdict(body), call.house.clock.now()
        )
        return views.canned_view(row)


async def patch_canned(call: Call, body: CannedReplyPatch) -> CannedReplyView:
    """Change a canned answer"""
    changes = changes_of(body)
    async with call.house.database.transaction() as session:
        if isinstance(body.team_id, UUID):
            await check_team(session, body.team_id, field="team_id")
        row = await canned.change_canned(
            session, call.id(), changes, version=body.version, now=call.house.clock.now()
        )
        return views.canned_view(row)


async def delete_canned(call: Call) -> Done:
    """Remove a canned answer"""
    async with call.house.database.transaction() as session:
        await canned.remove_canned(session, call.id())
    return Done()


async def render_canned(call: Call, query: RenderQuery) -> RenderedReply:
    """A canned answer with this ticket's names and numbers in their places"""
    async with call.house.database.reading() as session:
        usable = await ticket_queries.canned_replies(session, call.actor)
        row = next((one for one in usable if one.id == call.id()), None)
        if row is None:
            raise NotFoundError
        ticket = await find_ticket(session, query.ticket_id, seen_by=call.actor)
        brief = (await client_queries.briefs(session, {ticket.client_id}))[ticket.client_id]
    facts = {
        "client.name": brief.name,
        "client.first_name": brief.name.split(" ", 1)[0],
        "agent.name": call.actor.name,
        "ticket.number": str(ticket.number),
        "ticket.subject": ticket.subject,
        "company": call.house.options.company,
    }
    return RenderedReply(html=canned.fill(row.safe_html, facts))


ROUTES = [
    get("/canned-replies", list_canned),
    post("/canned-replies", post_canned, "canned.manage", status=201),
    patch("/canned-replies/{id}", patch_canned, "canned.manage"),
    delete("/canned-replies/{id}", delete_canned, "canned.manage"),
    get("/canned-replies/{id}/render", render_canned),
]
