"""Messages of a ticket: read, answer, note, undo, try again; and drafts."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from channels.capabilities import Capabilities
from channels.envelope import Party
from channels.mail.recipients import Reached
from desk import replies
from desk.replies import Answer, Chosen
from desk.templates import has_templates
from desk.ways import Route
from kernel.errors import InvalidInputError
from kernel.limits import PAGE_ROWS, PAGE_ROWS_MAX
from tickets import queries as ticket_queries
from tickets import service as tickets
from web import views
from web.api.files import data_urls, with_images
from web.api.references import check_agents, check_articles
from web.routes import Call, delete, get, post, put
from web.shapes import (
    ChannelLimits,
    Done,
    DraftBody,
    DraftView,
    MessageView,
    NewMessage,
    Page,
    PartyBody,
    PartyView,
    PlanParty,
    PreviewBody,
    PreviewView,
    ReplyPlan,
    ReplyRoute,
    TemplateChoice,
)


class ThreadQuery(Struct, forbid_unknown_fields=True):
    before: UUID | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_ROWS_MAX)] = PAGE_ROWS


async def list_messages(call: Call, query: ThreadQuery) -> Page[MessageView]:
    """A page of the thread, oldest first; `before` goes back in time"""
    async with call.house.database.reading() as session:
        ticket = await tickets.find_ticket(session, call.id(), seen_by=call.actor)
        rows, older = await ticket_queries.thread_page(
            session, ticket.id, before=query.before, limit=query.limit
        )
        return Page(await views.message_views(session, rows), str(older) if older else None)


async def post_message(call: Call, body: NewMessage) -> MessageView:
    """Answer the client, or leave a note for colleagues"""
    async with call.house.database.transaction() as session:
        ticket = await tickets.find_ticket(session, call.id(), seen_by=call.actor, lock=True)
        await check_agents(session, body.mentions, field="mentions")
        await check_articles(session, body.article_ids, field="article_ids")
        now = call.house.clock.now()
        if body.kind == "note":
            message = await replies.leave_note(
                session,
                actor=call.actor,
                ticket=ticket,
                note=replies.Note(
                    id=body.id,
                    html=body.html,
                    mentions=body.mentions,
                    attachment_ids=body.attachment_ids,
                    set_status=body.set_status,
                ),
                now=now,
            )
        else:
            answer = Answer(
                id=body.id,
                html=body.html,
                account_id=body.account_id,
                to=None if body.to is None else read_parties(body.to),
                cc=read_parties(body.cc),
                attachment_ids=body.attachment_ids,
                article_ids=body.article_ids,
                set_status=body.set_status,
                after_message_id=body.after_message_id,
                send_at=body.send_at,
                unless_client_writes=body.unless_client_writes,
                template=read_choice(body.template),
            )
            message = await replies.send_reply(
                session,
                call.house.lines,
                actor=call.actor,
                ticket=ticket,
                answer=answer,
                now=now,
                undo_window=call.house.options.undo_window,
            )
        await session.flush()
        return (await views.message_views(session, [message]))[0]


async def get_reply_plan(call: Call) -> ReplyPlan:
    """Whom an answer would reach, and every way to reach the client"""
    async with call.house.database.reading() as session:
        ticket = await tickets.find_ticket(session, call.id(), seen_by=call.actor)
        plan = await replies.plan_reply(session, call.house.lines, ticket)
    routes = [route_view(route) for route in plan.routes]
    return ReplyPlan(
        route=routes[0] if routes else None,
        routes=routes,
        to=_planned(plan.to),
        cc=_planned(plan.cc),
        all_to=_planned(plan.all_to),
        all_cc=_planned(plan.all_cc),
        warnings=list(plan.warnings),
    )


async def post_preview(call: Call, body: PreviewBody) -> PreviewView:
    """What the client would get, without sending it"""
    async with call.house.database.reading() as session:
        ticket = await tickets.find_ticket(session, call.id(), seen_by=call.actor)
        shown = await replies.preview(
            session,
            call.house.lines,
            actor=call.actor,
            ticket=ticket,
            answer=Answer(
                id=ticket.id,
                html=body.html,
                account_id=body.account_id,
                to=None if body.to is None else read_parties(body.to),
                cc=read_parties(body.cc),
                attachment_ids=body.attachment_ids,
            ),
        )
        rows = [
            await tickets.find_attachment(session, one, seen_by=call.actor)
            for one in body.attachment_ids
        ]
    pictures = await data_urls(call, rows, {one.id: tickets.picture_name(one.id) for one in rows})
    account = shown.route.line.account
    return PreviewView(
        channel=account.kind,
        sender=str(account.settings.get("address", account.name)),
        to=[PartyView(handle=one.handle, name=one.name) for one in shown.to],
        cc=[PartyView(handle=one.handle, name=one.name) for one in shown.cc],
        subject=shown.subject,
        html=with_images(shown.html, pictures, remote=False),
    )


async def undo_message(call: Call) -> MessageView:
    """Take an answer back before it leaves"""
    async with call.house.database.transaction() as session:
        message = await replies.undo(
            session, call.id(), actor=call.actor, now=call.house.clock.now()
        )
        return (await views.message_views(session, [message]))[0]


async def retry_message(call: Call) -> MessageView:
    """Send once more what failed"""
    async with call.house.database.transaction() as session:
        message = await replies.retry(
            session, call.id(), actor=call.actor, now=call.house.clock.now()
        )
        return (await views.message_views(session, [message]))[0]


async def get_draft(call: Call) -> DraftView | None:
    """What I was writing on this ticket"""
    async with call.house.database.reading() as session:
        await tickets.find_ticket(session, call.id(), seen_by=call.actor)
        row = await ticket_queries.draft_of(session, call.id(), call.actor.agent_id)
        return views.draft_view(row) if row else None


async def put_draft(call: Call, body: DraftBody) -> DraftView:
    """Keep what I am writing; an older copy never overwrites a newer one"""
    async with call.house.database.transaction() as session:
        await tickets.find_ticket(session, call.id(), seen_by=call.actor, lock=True)
        row = await tickets.save_draft(
            session,
            ticket_id=call.id(),
            agent_id=call.actor.agent_id,
            body={
                "html": body.html,
                "kind": body.kind,
                "attachment_ids": [str(one) for one in body.attachment_ids],
            },
            version=body.version,
            now=call.house.clock.now(),
        )
        return views.draft_view(row)


async def delete_draft(call: Call) -> Done:
    """Drop what I was writing"""
    async with call.house.database.transaction() as session:
        await tickets.drop_draft(session, ticket_id=call.id(), agent_id=call.actor.agent_id)
    return Done()


def read_parties(bodies: Sequence[PartyBody]) -> list[Party]:
    """Take recipients as the agent typed them; control characters have no place in an address."""
    for body in bodies:
        if not body.handle.isprintable() or not body.name.isprintable():
            raise InvalidInputError("an address holds characters it cannot have", field="to")
    return [Party(handle=body.handle.strip(), name=body.name.strip()) for body in bodies]


def read_choice(chosen: TemplateChoice | None) -> Chosen | None:
    return Chosen(template_id=chosen.id, values=chosen.values) if chosen else None


def _planned(reached: Sequence[Reached]) -> list[PlanParty]:
    return [
        PlanParty(handle=one.party.handle, name=one.party.name, new=one.outside) for one in reached
    ]


def route_view(route: Route) -> ReplyRoute:
    return ReplyRoute(
        account_id=route.line.account.id,
        channel=route.line.account.kind,
        name=route.line.account.name,
        recipient=PartyView(handle=route.recipient.handle, name=route.recipient.name),
        limits=_limits(route.line.traits.can),
        forbidden=route.forbidden is not None,
        open_until=route.open_until,
        templates=has_templates(route.line),
    )


def _limits(can: Capabilities) -> ChannelLimits:
    return ChannelLimits(
        text_chars=can.text_chars,
        beside_files_chars=can.beside_files_chars,
        files=can.files,
        file_bytes=can.file_bytes,
        all_files_bytes=can.all_files_bytes,
        formatting=can.formatting.value,
        counting=can.counting.value,
    )


ROUTES = [
    get("/tickets/{id}/messages", list_messages),
    post("/tickets/{id}/messages", post_message, "ticket.reply", status=201),
    get("/tickets/{id}/reply-plan", get_reply_plan),
    post("/tickets/{id}/preview", post_preview, "ticket.reply"),
    post("/messages/{id}/undo", undo_message, "ticket.reply"),
    post("/messages/{id}/retry", retry_message, "ticket.reply"),
    get("/tickets/{id}/draft", get_draft),
    put("/tickets/{id}/draft", put_draft),
    delete("/tickets/{id}/draft", delete_draft),
]
