"""Clients: found, looked at, changed, noted upon, merged and parted again."""

from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta, Struct

from clients import finding, likeness, queries, service
from clients.service import ClientChange
from clients.service import NewClient as Added
from desk import clients as desk_clients
from desk.clients import Happening
from desk.ways import ways_to_begin
from kernel.cursors import make_cursor, read_cursor
from kernel.limits import PAGE_ROWS, PAGE_ROWS_MAX
from web.api.client_views import brief, client_view, listed, shown
from web.api.messages import route_view
from web.routes import Call, get, patch, post
from web.shapes import (
    ClientPatch,
    ClientView,
    Cursor,
    Done,
    LikelyView,
    ListedClient,
    MergeRequest,
    NewClient,
    NewNote,
    NoteView,
    Page,
    ReplyRoute,
    SharedView,
    TimelineItem,
    UnlikeRequest,
)

Limit = Annotated[int, Meta(ge=1, le=PAGE_ROWS_MAX)]


class ClientQuery(Struct, forbid_unknown_fields=True):
    q: Annotated[str, Meta(max_length=200)] = ""
    cursor: Cursor | None = None
    limit: Limit = PAGE_ROWS


class TimelineQuery(Struct, forbid_unknown_fields=True):
    cursor: Cursor | None = None
    limit: Limit = PAGE_ROWS


async def list_clients(call: Call, query: ClientQuery) -> Page[ListedClient]:
    """Clients by name, or those whose name, address or number begins with the words"""
    async with call.house.database.reading() as session:
        found = await finding.find_clients(
            session, query=query.q, cursor=query.cursor, limit=query.limit
        )
    return Page([listed(one) for one in found.items], found.next)


async def get_client(call: Call) -> ClientView:
    """A client with identities, notes and merges"""
    async with call.house.database.reading() as session:
        return await client_view(session, await queries.find_client_id(session, call.id()))


async def post_client(call: Call, body: NewClient) -> ClientView:
    """Add a client by hand"""
    async with call.house.database.transaction() as session:
        added = Added(**msgspec.structs.asdict(body))
        return shown(
            await service.create_client(session, call.actor, added, call.house.clock.now())
        )


async def patch_client(call: Call, body: ClientPatch) -> ClientView:
    """Change or block a client"""
    async with call.house.database.transaction() as session:
        change = ClientChange(**msgspec.structs.asdict(body))
        return shown(
            await service.change_client(
                session, call.actor, call.id(), change, call.house.clock.now()
            )
        )


async def post_note(call: Call, body: NewNote) -> NoteView:
    """Note something about a client"""
    async with call.house.database.transaction() as session:
        note = await service.add_note(
            session, call.actor, call.id(), body.text, call.house.clock.now()
        )
    return NoteView(
        id=note.id, author_id=note.author_id, text=note.text, created_at=note.created_at
    )


async def get_timeline(call: Call, query: TimelineQuery) -> Page[TimelineItem]:
    """Everything that happened with a client, newest first"""
    before = read_cursor(query.cursor) if query.cursor else None
    async with call.house.database.reading() as session:
        found = await desk_clients.timeline_page(
            session, call.actor, call.id(), before=before, limit=query.limit + 1
        )
    page = found[: query.limit]
    following = make_cursor(page[-1].at, page[-1].id) if len(found) > query.limit else None
    return Page([_item(one) for one in page], following)


async def list_likely(call: Call) -> list[LikelyView]:
    """Other clients who may be the same person, and what they share"""
    async with call.house.database.reading() as session:
        client_id = await queries.find_client_id(session, call.id())
        found = await likeness.likely_same(session, client_id)
    return [
        LikelyView(
            client=brief(one.client),
            shared=[
                SharedView(kind=each.kind, value=each.value, proven=each.proven)
                for each in one.shared
            ],
        )
        for one in found
    ]


async def post_unlike(call: Call, body: UnlikeRequest) -> Done:
    """Say that two clients are not one person; they are not suggested again"""
    async with call.house.database.transaction() as session:
        await likeness.tell_apart(
            session, call.actor, call.id(), body.other_id, call.house.clock.now()
        )
    return Done()


async def merge_client(call: Call, body: MergeRequest) -> ClientView:
    """Make another client part of this one; it can be undone"""
    async with call.house.database.transaction() as session:
        target = await desk_clients.merge(
            session,
            call.actor,
            source_id=body.source_id,
            target_id=call.id(),
            now=call.house.clock.now(),
        )
        await session.flush()
        return await client_view(session, target)


async def undo_merge(call: Call) -> ClientView:
    """Part merged clients again, each with what it brought"""
    async with call.house.database.transaction() as session:
        source = await desk_clients.undo_merge(
            session, call.actor, call.id(), now=call.house.clock.now()
        )
        await session.flush()
        return await client_view(session, source)


def _item(one: Happening) -> TimelineItem:
    return TimelineItem(
        at=one.at,
        kind=cast("Any", one.kind),
        title=one.title,
        detail=one.detail,
        ticket_id=one.ticket_id,
        channel=one.channel,
    )


async def list_ways(call: Call) -> list[ReplyRoute]:
    """Every way to write to a client first"""
    async with call.house.database.reading() as session:
        client_id = await queries.find_client_id(session, call.id())
        found = await ways_to_begin(session, call.house.lines, client_id)
    return [route_view(one) for one in found]


ROUTES = [
    get("/clients", list_clients),
    post("/clients", post_client, "client.edit", status=201),
    get("/clients/{id}", get_client),
    patch("/clients/{id}", patch_client),
    get("/clients/{id}/timeline", get_timeline),
    get("/clients/{id}/ways", list_ways, "ticket.reply"),
    post("/clients/{id}/notes", post_note, "client.edit", status=201),
    get("/clients/{id}/likely", list_likely),
    post("/clients/{id}/unlike", post_unlike, "client.merge"),
    post("/clients/{id}/merge", merge_client, "client.merge"),
    post("/merges/{id}/undo", undo_merge, "client.merge"),
]
