"""Beside an agent at a running contact: read along, whisper, take part, and leave again."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from desk import accompanying
from desk.accompanying import JOIN, LISTEN
from routing import service as routing
from supervision.companions import JOINED, READING, Mode
from tickets.service import find_ticket
from web import views
from web.api.shown import contact_shown
from web.routes import Call, post
from web.shapes import Body, ContactView, MessageView, Text


class Whisper(Body):
    """Words for the agent who has the contact; `id` is the caller's (a UUIDv7)."""

    id: UUID
    html: Annotated[Text, Meta(min_length=1)]


async def read_along(call: Call) -> ContactView:
    """Read a running conversation along, which stays with its agent; the client is told nothing"""
    return await _stand_beside(call, READING)


async def join_contact(call: Call) -> ContactView:
    """Take part in a running conversation, which stays with its agent"""
    return await _stand_beside(call, JOINED)


async def leave_contact(call: Call) -> ContactView:
    """Read along or take part no longer"""
    async with call.house.database.transaction() as session:
        contact = await routing.find_contact(session, call.id())
        await find_ticket(session, contact.ticket_id, seen_by=call.actor)
        await accompanying.step_away(session, contact.id, actor=call.actor)
    return await contact_shown(call, call.id())


async def post_whisper(call: Call, body: Whisper) -> MessageView:
    """Tell the agent of a conversation that I read along something the client never sees"""
    async with call.house.database.transaction() as session:
        message = await accompanying.whisper(
            session,
            call.id(),
            actor=call.actor,
            said=body.id,
            html=body.html,
            now=call.house.clock.now(),
        )
        await session.flush()
        return (await views.message_views(session, [message]))[0]


async def _stand_beside(call: Call, mode: Mode) -> ContactView:
    async with call.house.database.transaction() as session:
        await accompanying.stand_beside(
            session, call.id(), mode, actor=call.actor, now=call.house.clock.now()
        )
    return await contact_shown(call, call.id())


ROUTES = [
    post("/contacts/{id}/read-along", read_along, LISTEN),
    post("/contacts/{id}/join", join_contact, JOIN),
    post("/contacts/{id}/leave", leave_contact),
    post("/contacts/{id}/whisper", post_whisper, LISTEN, status=201),
]
