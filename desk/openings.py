"""Tickets that agents open by writing first, and changes that also concern the contact."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from channels.envelope import Party
from clients import queries as client_queries
from clients.claiming import claim
from desk.lines import Lines
from desk.replies import ENDS_THE_TURN, Answer, Chosen, send_reply
from kernel.actor import Actor
from kernel.errors import InvalidInputError, NotFoundError
from routing import service as routing
from tickets import service as tickets
from tickets import snoozing
from tickets.lifecycle import DONE
from tickets.service import NewCase
from tickets.tables import TicketRow


class Opening(Struct, frozen=True, kw_only=True):
    id: UUID
    """Of its first message, chosen by who writes."""
    subject: str
    client_id: UUID
    account_id: UUID
    recipient: Party
    html: str
    cc: Sequence[Party] = ()
    attachment_ids: Sequence[UUID] = ()
    template: Chosen | None = None
    """An approved text, which is sent instead of `html`."""


async def open_ticket(
    session: AsyncSession, lines: Lines, *, actor: Actor, opening: Opening, now: datetime
) -> TicketRow:
    """Open a ticket of the client and promise its first message; the same id again is the same.

    Raises InvalidInputError when the same id comes with other words, readers or client.
    """
    first = Answer(
        id=opening.id,
        html=opening.html,
        to=[opening.recipient],
        cc=opening.cc,
        attachment_ids=opening.attachment_ids,
        template=opening.template,
        set_status="waiting",
    )
    ticket = await tickets.find_opened(session, opening.id, author_id=actor.agent_id)
    if ticket is None:
        ticket = await _open(session, lines, actor=actor, opening=opening, now=now)
    elif (ticket.subject, ticket.client_id) != (opening.subject, opening.client_id):
        raise InvalidInputError("another ticket was opened under this id", field="id")
    await send_reply(session, lines, actor=actor, ticket=ticket, answer=first, now=now)
    return ticket


async def _open(
    session: AsyncSession, lines: Lines, *, actor: Actor, opening: Opening, now: datetime
) -> TicketRow:
    line = lines.get(opening.account_id)
    if line is None:
        raise InvalidInputError("this channel is switched off", field="account_id")
    if line.traits.speaks:
        raise InvalidInputError("a telephone carries no text; call the client", field="account_id")
    found = await client_queries.briefs(session, {opening.client_id})
    if opening.client_id not in found:
        raise NotFoundError
    client = found[opening.client_id]
    handle = opening.recipient.handle
    if line.traits.lasting:
        # What comes back must lead to this client: there is no thread to know them by.
        handle = await claim(
            session, client.id, line.traits.people, handle, name=opening.recipient.name, now=now
        )
    queue = await routing.find_queue(session, line.queue_id) if line.queue_id else None
    queue = queue or await routing.default_queue(session)
    return await tickets.open_case(
        session,
        NewCase(
            subject=opening.subject,
            client_id=opening.client_id,
            client_name=client.name,
            channel=line.account.kind,
            account_id=line.account.id,
            recipient={"handle": handle, "name": opening.recipient.name},
            team_id=queue.team_id if queue else None,
            queue_id=queue.id if queue else None,
            assignee_id=actor.agent_id,
        ),
        now,
    )


async def change_ticket(
    session: AsyncSession,
    ticket: TicketRow,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    version: int,
    now: datetime,
) -> None:
    """Change fields; a status that ends the turn also ends the contact that waits for it."""
    await tickets.change(
        session, ticket, changes, actor_id=actor.agent_id, now=now, version=version
    )
    if changes.get("status") in DONE:
        await snoozing.wake(session, ticket, reason=snoozing.DONE, actor_id=actor.agent_id)
    if changes.get("status") in ENDS_THE_TURN:
        contact = await routing.open_contact_of(session, ticket.id)
        if contact is not None:
            await routing.conclude(session, contact, by=actor.agent_id, now=now)
