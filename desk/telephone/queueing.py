"""A call comes to a queue: its ticket, its contact, its entry in the thread."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels.voice.tables import CallRow
from desk.telephone.welcome import CHANNEL
from kernel.errors import NotFoundError
from kernel.ids import new_id
from routing import callbacks
from routing import service as routing
from routing.homes import QueueHome, default_of, queue_homes
from routing.service import NewContact
from routing.tables import ContactRow
from tickets import service as tickets
from tickets.arrivals import Arrival, Person, place_arrivals

SUBJECT = "Telephone call"
"""What a ticket is called that a call opens; the console says it in the reader's language."""


async def come_to_queue(
    session: AsyncSession,
    call: CallRow,
    *,
    queue_id: UUID | None,
    name: str,
    now: datetime,
    virtual_arrival: datetime | None = None,
) -> ContactRow:
    """Let the caller wait in a queue, on the open telephone ticket of theirs or on a new one.

    Who is waited for already, to be called back, has the place of that callback.
    """
    queue = await _queue(session, queue_id)
    if call.ticket_id is None:
        await note_on_ticket(session, call, queue, name, now)
    ticket = await tickets.find_for_house(session, _known(call.ticket_id))
    contact = await _waiting_callback(session, ticket.id)
    if contact is None:
        (contact_id,) = await routing.queue_contacts(
            session,
            [
                NewContact(
                    ticket_id=ticket.id,
                    client_id=ticket.client_id,
                    queue_id=queue.id,
                    channel=CHANNEL,
                    account_id=call.account_id,
                    preferred_agent_id=ticket.assignee_id,
                    team_id=ticket.team_id,
                    assignee_id=ticket.assignee_id,
                    virtual_arrival=virtual_arrival,
                )
            ],
            now,
        )
        contact = await routing.find_contact(session, contact_id)
    call.contact_id, call.queue_id = contact.id, contact.queue_id
    call.waiting_since = call.waiting_since or now
    return contact


async def note_on_ticket(
    session: AsyncSession, call: CallRow, queue: QueueHome, name: str, now: datetime
) -> None:
    """Write the call into the thread of the client's telephone ticket."""
    (placed,) = await place_arrivals(
        session,
        [
            Arrival(
                delivery_id=new_id(),
                account_id=call.account_id,
                channel=CHANNEL,
                external_id=call.sid or str(call.id),
                author=Person(client_id=_known(call.client_id), handle=call.number, name=name),
                text=SUBJECT,
                subject=SUBJECT,
                continues=True,
                queue_id=queue.id,
                team_id=queue.team_id,
            )
        ],
        now,
    )
    await session.flush()
    call.ticket_id, call.message_id = placed.ticket.id, placed.message_id


async def _queue(session: AsyncSession, queue_id: UUID | None) -> QueueHome:
    homes = await queue_homes(session)
    own = next((one for one in homes if one.id == queue_id), None) or default_of(homes)
    if own is None:
        raise NotFoundError("there is no queue that a call could wait in")
    return own


async def _waiting_callback(session: AsyncSession, ticket_id: UUID) -> ContactRow | None:
    """Return the contact of this ticket that waits to be called back, which it need not be now."""
    contact = await routing.open_contact_of(session, ticket_id)
    if contact is None or not contact.callback or contact.state not in routing.WAITING_STATES:
        return None
    row = (await callbacks.of_contacts(session, [contact.id])).get(contact.id)
    if row is not None:
        await callbacks.cancel(session, row, reason="client")
    return contact


def _known(found: UUID | None) -> UUID:
    if found is None:
        raise NotFoundError("this call has no client or ticket yet")
    return found
