"""Clients who are to be called back: ask for it, see who is next and when, drop it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from desk.calling_back import ask_to_call
from kernel.errors import CenterError, ForbiddenError
from kernel.limits import CALLBACK_NOTE_CHARS
from routing import callbacks, queries
from routing import service as routing
from routing.callbacks import Wish
from routing.tables import CallbackRow, ContactRow
from tickets import queries as ticket_queries
from tickets.queries import visible_ids
from tickets.service import find_ticket
from web import views
from web.routes import Call, delete, get, post
from web.shapes import Body, Done, View

SUPERVISE = "queue.supervise"
SECOND_US = 1_000_000


class CallbackWish(Body):
    """Without `due_at`: when it is the client's turn."""

    due_at: datetime | None = None
    number: Annotated[str, Meta(max_length=40, pattern=r"^[0-9+() .\-/x]*$")] = ""
    note: Annotated[str, Meta(max_length=CALLBACK_NOTE_CHARS)] = ""


class CallbackQuery(Struct, forbid_unknown_fields=True):
    queue_id: UUID | None = None


class CallbackView(View):
    id: UUID
    state: Literal["planned", "waiting", "held"]
    """For its time; in its queue; an agent has it."""
    ticket_id: UUID
    ticket_number: int | None
    subject: str
    client_id: UUID
    client_name: str
    queue_id: UUID
    channel: str
    number: str
    note: str
    due_at: datetime | None
    asked_by: UUID
    created_at: datetime
    contact_id: UUID | None
    ahead: int | None = None
    """Of one that waits: how many come before it."""
    p50_seconds: float | None = None
    p80_seconds: float | None = None


async def ask_callback(call: Call, body: CallbackWish) -> CallbackView:
    """Turn a contact into a callback, in its turn or at a wished time; it keeps its place"""
    wish = Wish(due_at=body.due_at, number=body.number.strip(), note=body.note.strip())
    async with call.house.database.transaction() as session:
        contact = await routing.find_contact(session, call.id())
        await find_ticket(session, contact.ticket_id, seen_by=call.actor)
        held_by_other = contact.agent_id not in {None, call.actor.agent_id}
        if held_by_other and not call.actor.may(SUPERVISE):
            raise ForbiddenError("this contact belongs to somebody else")
        row = await ask_to_call(
            session, contact, wish, by=call.actor.agent_id, now=call.house.clock.now()
        )
        return (await _views(call, session, [row]))[0]


async def list_callbacks(call: Call, query: CallbackQuery) -> list[CallbackView]:
    """Who is to be called back, with place and probable wait; of tickets I may see"""
    of = None if call.actor.may(SUPERVISE) else visible_ids(call.actor)
    async with call.house.database.reading() as session:
        rows = await callbacks.listed(session, queue_id=query.queue_id, of=of)
        return await _views(call, session, rows)


async def delete_callback(call: Call) -> Done:
    """Call nobody back; a contact that waits for it waits on as any other"""
    async with call.house.database.transaction() as session:
        row = await callbacks.find(session, call.id(), visible_ids(call.actor))
        await callbacks.cancel(session, row, reason="agent", by=call.actor.agent_id)
    return Done()


async def _views(
    call: Call, session: AsyncSession, rows: Sequence[CallbackRow]
) -> list[CallbackView]:
    names = await views.client_names(session, {row.client_id for row in rows})
    titles = await ticket_queries.titles(session, {row.ticket_id for row in rows})
    there = await queries.by_ids(session, [row.contact_id for row in rows if row.contact_id])
    return [
        _view(
            call,
            row,
            there.get(row.contact_id) if row.contact_id else None,
            names.get(row.client_id, ""),
            titles.get(row.ticket_id),
        )
        for row in rows
    ]


def _view(
    call: Call,
    row: CallbackRow,
    contact: ContactRow | None,
    client: str,
    title: ticket_queries.Title | None,
) -> CallbackView:
    waits = contact is not None and contact.state in routing.WAITING_STATES
    ahead, p50, p80 = _estimate(call, contact.id) if contact and waits else (None, None, None)
    return CallbackView(
        id=row.id,
        state="planned" if row.contact_id is None else "waiting" if waits else "held",
        ticket_id=row.ticket_id,
        ticket_number=title.number if title else None,
        subject=title.subject if title else "",
        client_id=row.client_id,
        client_name=client,
        queue_id=contact.queue_id if contact else row.queue_id,
        channel=row.channel,
        number=row.number,
        note=row.note,
        due_at=row.due_at,
        asked_by=row.asked_by,
        created_at=row.created_at,
        contact_id=row.contact_id,
        ahead=ahead,
        p50_seconds=p50,
        p80_seconds=p80,
    )


def _estimate(call: Call, contact_id: UUID) -> tuple[int | None, float | None, float | None]:
    """Nothing, while the router does not know the contact yet or another node leads."""
    try:
        found = call.house.dispatcher.estimate(contact_id)
    except CenterError:
        return None, None, None
    return found.ahead, found.p50_us / SECOND_US, found.p80_us / SECOND_US


ROUTES = [
    post("/contacts/{id}/callback", ask_callback, "ticket.reply"),
    get("/callbacks", list_callbacks),
    delete("/callbacks/{id}", delete_callback, "ticket.reply"),
]
