"""Calls that the center makes: to whom an agent wants to speak, and to whom it promised it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from channels.voice import calls
from channels.voice.destinations import plain
from channels.voice.tables import CallRow
from clients import queries as clients
from desk.lines import Line, Lines
from desk.telephone.own_phone import refuse_without_phone
from desk.telephone.queueing import SUBJECT
from desk.telephone.welcome import CHANNEL, language_of
from kernel.errors import InvalidInputError, NotFoundError
from kernel.ids import new_id
from routing import callbacks
from routing import service as routing
from routing.service import NewContact
from routing.tables import ContactRow
from staff import queries as staff
from staff.queries import AgentCard
from tickets import service as tickets
from tickets.service import NewCase, Writing
from tickets.tables import TicketRow


class Wanted(Struct, frozen=True, kw_only=True):
    """Whom an agent wants to call."""

    client_id: UUID
    client_name: str
    number: str
    ticket: TicketRow | None = None
    """Where the call is noted; without one, on a new ticket."""


async def place_call(
    session: AsyncSession, line: Line, wanted: Wanted, *, by: AgentCard, now: datetime
) -> CallRow:
    """Begin a call: its ticket and its contact, which the caller takes at once.

    Nobody is dialled before this is stored. Raises ConflictError while the agent is on the line.
    """
    await refuse_without_phone(session, line, by)
    queue = await routing.find_queue(session, line.queue_id) if line.queue_id else None
    queue = queue or await routing.default_queue(session)
    if queue is None:
        raise NotFoundError("there is no queue yet")
    ticket = wanted.ticket or await tickets.open_case(
        session,
        NewCase(
            subject=SUBJECT,
            client_id=wanted.client_id,
            client_name=wanted.client_name,
            channel=CHANNEL,
            account_id=line.account.id,
            recipient={"handle": wanted.number, "name": wanted.client_name},
            team_id=queue.team_id,
            queue_id=queue.id,
            assignee_id=by.id,
        ),
        now,
    )
    (contact_id,) = await routing.queue_contacts(
        session,
        [
            NewContact(
                ticket_id=ticket.id,
                client_id=ticket.client_id,
                queue_id=queue.id,
                channel=CHANNEL,
                account_id=line.account.id,
                preferred_agent_id=by.id,
                team_id=ticket.team_id,
                assignee_id=ticket.assignee_id,
            )
        ],
        now,
    )
    contact = await routing.find_contact(session, contact_id)
    call = await _begin(session, line, contact, wanted.number, now)
    call.message_id = await _note(session, ticket, line, wanted, by, now)
    call.agent_id = by.id
    await calls.note_change(session, call, now)
    return call


async def begin_callbacks(session: AsyncSession, lines: Lines, now: datetime) -> None:
    """Begin the call of every callback that an agent took just now: the agent is called first."""
    for row, contact in await callbacks.taken(session, CHANNEL):
        line = lines.get(row.account_id) if row.account_id else None
        number = plain(row.number)
        if line is None or not line.traits.speaks or not number:
            continue
        last = await calls.of_contact(session, contact.id)
        if last is not None and (last.ended_at is None or _was_tried(last, contact)):
            continue
        call = await _begin(session, line, contact, number, now)
        call.agent_id = contact.agent_id
        await _note_callback(session, line, call, contact, now)
        await calls.note_change(session, call, now)


def _was_tried(last: CallRow, contact: ContactRow) -> bool:
    """Whether the agent who has it has been called for it: they decide what follows."""
    return last.direction == "outbound" and last.outcome != "failed"


async def _begin(
    session: AsyncSession, line: Line, contact: ContactRow, number: str, now: datetime
) -> CallRow:
    provider: Any = line.connector
    call = CallRow(
        id=new_id(),
        account_id=line.account.id,
        direction="outbound",
        number=number,
        own_number=provider.number,
        state="connecting",
        client_id=contact.client_id,
        ticket_id=contact.ticket_id,
        contact_id=contact.id,
        queue_id=contact.queue_id,
        locale=await language_of(session, contact.client_id, provider.settings.languages),
        started_at=now,
    )
    session.add(call)
    await session.flush()
    return call


async def _note(
    session: AsyncSession,
    ticket: TicketRow,
    line: Line,
    wanted: Wanted,
    by: AgentCard,
    now: datetime,
) -> UUID:
    """Write the call into the thread, as said by the agent."""
    message = await tickets.write(
        session,
        ticket,
        Writing(
            id=new_id(),
            kind="outbound",
            author_id=by.id,
            author_name=by.name,
            text=SUBJECT,
            html=None,
            channel=CHANNEL,
            account_id=line.account.id,
            to=[{"handle": wanted.number, "name": wanted.client_name}],
        ),
        now=now,
    )
    await tickets.set_state(session, message, "sent")
    return message.id


async def _note_callback(
    session: AsyncSession, line: Line, call: CallRow, contact: ContactRow, now: datetime
) -> None:
    if contact.agent_id is None:
        return
    by = await staff.find_agent(session, contact.agent_id)
    ticket = await tickets.find_for_house(session, contact.ticket_id)
    names = await clients.briefs(session, [contact.client_id])
    name = names[contact.client_id].name if contact.client_id in names else call.number
    wanted = Wanted(client_id=contact.client_id, client_name=name, number=call.number)
    call.message_id = await _note(session, ticket, line, wanted, by, now)


def check_number(number: str) -> str:
    """Return the number in its one form; InvalidInputError when it is none."""
    found = plain(number)
    if not found.startswith("+"):
        raise InvalidInputError(
            "give the number as + and digits", field="number", reason="phone.no_number"
        )
    return found
