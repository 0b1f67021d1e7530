"""Supervisors beside an agent at a running conversation: they read along, whisper, take part."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from desk.company import Company, read_company
from desk.replies import Note, leave_note
from kernel.actor import Actor
from kernel.errors import ConflictError
from routing import service as routing
from routing.tables import ContactRow
from supervision import companions
from supervision.companions import Mode
from tickets import service as tickets
from tickets.tables import MessageRow, TicketRow

LISTEN: Final = "contact.listen"
JOIN: Final = "contact.join"
HELD: Final = "active"


async def stand_beside(
    session: AsyncSession, contact_id: UUID, mode: Mode, *, actor: Actor, now: datetime
) -> None:
    """Let the actor read along, or take part: the contact stays with the agent who has it.

    Raises ConflictError unless somebody else has it, NotFoundError when its ticket is not the
    actor's to see. What the actor does already is done once.
    """
    contact, _ = await _held(session, contact_id, actor)
    company = await read_company(session, Company(name="", default_locale=""))
    await companions.come(
        session,
        actor.agent_id,
        mode,
        about=routing.subjects_of(contact),
        told=company.tells_reading,
        now=now,
    )


async def step_away(session: AsyncSession, contact_id: UUID, *, actor: Actor) -> None:
    """Let the actor leave, if they are there."""
    await companions.leave(session, contact_id, actor.agent_id, by=actor.agent_id)


async def whisper(
    session: AsyncSession, contact_id: UUID, *, actor: Actor, said: UUID, html: str, now: datetime
) -> MessageRow:
    """Tell the agent who has the contact something that the client never sees.

    It stays in the thread as a note of its own kind, and the agent is named in it, so that they
    are notified wherever they are. The same id again is the same whisper.
    """
    contact, ticket = await _held(session, contact_id, actor, lock=True)
    if not await companions.is_there(session, contact_id, actor.agent_id):
        raise ConflictError("read this conversation along before you whisper")
    mentions = [] if contact.agent_id is None else [contact.agent_id]
    note = Note(id=said, html=html, kind="whisper", mentions=mentions)
    return await leave_note(session, actor=actor, ticket=ticket, note=note, now=now)


async def _held(
    session: AsyncSession, contact_id: UUID, actor: Actor, *, lock: bool = False
) -> tuple[ContactRow, TicketRow]:
    contact = await routing.find_contact(session, contact_id)
    ticket = await tickets.find_ticket(session, contact.ticket_id, seen_by=actor, lock=lock)
    if contact.state != HELD:
        raise ConflictError(f"this contact is {contact.state}: nobody is talking to the client")
    if contact.agent_id == actor.agent_id:
        raise ConflictError("you have this contact yourself")
    return contact, ticket
